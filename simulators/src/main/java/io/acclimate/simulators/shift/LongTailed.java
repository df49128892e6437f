package io.acclimate.simulators.shift;

import io.acclimate.runtime.AcclimateException;
import java.util.Arrays;
import org.apache.commons.rng.UniformRandomProvider;
import org.apache.commons.rng.sampling.PermutationSampler;

/**
 * Some classes come often and others seldom: the k-th of C classes has a number of samples
 * proportional to IF^(-k / (C - 1)), rounded down (Cui et al., "Class-Balanced Loss Based on
 * Effective Number of Samples", CVPR 2019). The order is even.
 *
 * <p>Samples are drawn without replacement, so the counts are the largest that the pool holds in
 * these proportions and that together are at most the number wanted. Classes without samples have
 * no place in the tail.
 *
 * @param imbalanceFactor IF, at least 1: how many times as often the first class comes as the last
 * @param direction which class is the first
 */
public record LongTailed(double imbalanceFactor, Direction direction) implements LabelShift {
  /** The order of the classes from often to seldom. */
  public enum Direction {
    /** Class 0 comes most often. */
    FORWARD,
    /** The last class comes most often. */
    BACKWARD,
    /** The classes are shuffled. */
    RANDOM
  }

  /** Keeps a count that is whole but for rounding from losing a sample. */
  private static final double ROUNDING = 1e-9;

  /**
   * Checks the range.
   *
   * @throws AcclimateException if it is not met
   */
  public LongTailed {
    if (!(imbalanceFactor >= 1) || Double.isInfinite(imbalanceFactor)) {
      throw new AcclimateException(
          String.format(
              "imbalance-factor: expected a finite number of 1 or more, found %s",
              imbalanceFactor));
    }
  }

  @Override
  public int[] order(int[] labels, int classes, int n, UniformRandomProvider random) {
    ClassPool.requireArguments(labels, classes, n);
    int[] drawn = ClassPool.draw(labels, classes, 0, random);
    int[][] groups = ClassPool.byClass(drawn, labels, classes);
    int wanted = n == 0 ? labels.length : n;
    int[] order = fromHeadToTail(ClassPool.present(groups), random);
    int[] taken = counts(order, groups, wanted);
    int[] result = new int[Arrays.stream(taken).sum()];
    if (result.length == 0) {
      throw new AcclimateException(
          String.format(
              "label shift: expected more samples for a tail of %d classes, found %d wanted",
              order.length, wanted));
    }
    int filled = 0;
    for (int k = 0; k < order.length; k++) {
      System.arraycopy(groups[order[k]], 0, result, filled, taken[k]);
      filled += taken[k];
    }
    PermutationSampler.shuffle(random, result);
    return result;
  }

  private int[] fromHeadToTail(int[] present, UniformRandomProvider random) {
    int[] order = present.clone();
    if (direction == Direction.RANDOM) {
      PermutationSampler.shuffle(random, order);
    } else if (direction == Direction.BACKWARD) {
      Arrays.setAll(order, k -> present[present.length - 1 - k]);
    }
    return order;
  }

  private int[] counts(int[] order, int[][] groups, int wanted) {
    double[] weights = new double[order.length];
    Arrays.setAll(
        weights, k -> Math.pow(imbalanceFactor, -k / (double) Math.max(1, order.length - 1)));
    double scale = wanted / Arrays.stream(weights).sum();
    for (int k = 0; k < order.length; k++) {
      scale = Math.min(scale, groups[order[k]].length / weights[k]);
    }
    int[] counts = new int[order.length];
    for (int k = 0; k < order.length; k++) {
      counts[k] = (int) (scale * weights[k] + ROUNDING);
    }
    return counts;
  }
}
