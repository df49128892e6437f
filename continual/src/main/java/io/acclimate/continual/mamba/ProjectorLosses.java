package io.acclimate.continual.mamba;

import io.acclimate.bank.selective.MambaBlock;
import io.acclimate.runtime.graph.Ops;
import java.util.List;

/** The losses of Mamba-FSCIL (arXiv 2407.06136) as graphs; each method gives a scalar. */
final class ProjectorLosses {
  /** The dot-regression loss's factor in the papers' code, with its half. */
  private static final double DOT_FACTOR = 10 * 0.5;

  /** Added under roots, so that the slope at 0 is 0. */
  private static final double ROOT_GUARD = 1e-16;

  private ProjectorLosses() {}

  /**
   * The dot-regression loss: squared distances of the cosines with the targets from 1 (Yang et al.,
   * ICLR 2023, arXiv 2302.03004), with the papers' factor of 5.
   *
   * @param features {@code [rows, size]}, of any length
   * @param targets directions of length 1, {@code [rows, targets, size]}
   * @param weights {@code [rows, targets]}; for a mean they sum to 1
   */
  static String dotRegression(Ops ops, String features, String targets, String weights) {
    String unit = ops.div(features, norm(ops, features));
    String cosines = ops.squeeze(ops.matMul(targets, ops.unsqueeze(unit, 2)), 2);
    String away = ops.add(cosines, -1);
    String weighted = ops.mul(ops.mul(away, away), weights);
    return ops.mul(ops.reduceSum(weighted, false), DOT_FACTOR);
  }

  /** Lengths along the last axis, which stays with size 1. */
  private static String norm(Ops ops, String value) {
    return ops.sqrt(ops.add(ops.reduceSum(ops.mul(value, value), true, -1), ROOT_GUARD));
  }

  /**
   * The size of a branch's gates on some rows: the Frobenius norm by the number of elements. It is
   * kept small on old classes and, less so, large on new ones.
   *
   * @param gate {@code [rows, tokens, size]}, summed over the scans
   * @param chosen {@code [rows]}: 1 for the rows that count, else 0; none give 0
   */
  static String gateSize(Ops ops, String gate, String chosen) {
    double each = (double) ops.shape(gate).size(1) * ops.shape(gate).size(2);
    String squares = ops.reduceSum(ops.mul(gate, gate), false, 1, 2);
    String sum = ops.reduceSum(ops.mul(squares, chosen), false);
    return ops.div(ops.sqrt(ops.add(sum, ROOT_GUARD)), ops.mul(atLeastOne(ops, chosen), each));
  }

  private static String atLeastOne(Ops ops, String chosen) {
    String count = ops.reduceSum(chosen, false);
    return ops.max(count, ops.scalarLike(count, 1));
  }

  /**
   * How much alike old and new classes select: half the size of the cosine between their mean
   * steps, write and read vectors, summed over the three; 0 when one kind of row is missing.
   *
   * @param old {@code [rows]}: 1 for rows of old classes, else 0
   * @param added {@code [rows]}: 1 for rows of new classes, else 0
   */
  static String separation(Ops ops, MambaBlock.Selection select, String old, String added) {
    return List.of(select.steps(), select.write(), select.read()).stream()
        .map(vectors -> likeness(ops, vectors, old, added))
        .reduce(ops::add)
        .orElseThrow();
  }

  /** Half the size of the cosine between the mean vectors of two kinds of rows. */
  static String likeness(Ops ops, String vectors, String old, String added) {
    String bySample = ops.reduceMean(vectors, false, 1);
    String one = mean(ops, bySample, old);
    String other = mean(ops, bySample, added);
    String dot = ops.reduceSum(ops.mul(one, other), true, -1);
    String cosine = ops.div(dot, ops.mul(norm(ops, one), norm(ops, other)));
    return ops.mul(ops.reduceSum(ops.abs(cosine), false), 0.5);
  }

  private static String mean(Ops ops, String bySample, String chosen) {
    String sum = ops.reduceSum(ops.mul(bySample, ops.unsqueeze(chosen, 1)), false, 0);
    return ops.div(sum, atLeastOne(ops, chosen));
  }
}
