package io.acclimate.runtime.autodiff;

import io.acclimate.runtime.DType;
import io.acclimate.runtime.graph.Attributes;
import io.acclimate.runtime.graph.Constant;
import io.acclimate.runtime.graph.Ops;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Gradient rules of reductions: the gradient is spread over what was reduced. */
final class ReductionGradients {
  private ReductionGradients() {}

  static void register(Map<String, GradientRule> rules) {
    rules.put("ReduceSum", node -> node.give(0, spread(node, node.gradient())));
    rules.put("ReduceMean", ReductionGradients::mean);
    rules.put("ReduceMax", ReductionGradients::extremum);
    rules.put("ReduceMin", ReductionGradients::extremum);
    rules.put("ReduceL1", ReductionGradients::l1);
    rules.put("ReduceL2", ReductionGradients::l2);
    rules.put("ReduceSumSquare", ReductionGradients::sumSquare);
    rules.put("ReduceLogSumExp", ReductionGradients::logSumExp);
    rules.put("ReduceLogSum", ReductionGradients::logSum);
    rules.put("ReduceProd", ReductionGradients::product);
  }

  private static long[] axes(BackwardContext node) {
    boolean given = node.node().hasInput(1);
    long[] axes = given ? node.longs(1) : new long[0];
    boolean none = axes.length == 0;
    if (none && node.attributes().integer("noop_with_empty_axes", 0) == 0) {
      return IntStream.range(0, node.shape(0).rank()).asLongStream().toArray();
    }
    return IntStream.range(0, axes.length).mapToLong(i -> node.shape(0).axis(axes[i])).toArray();
  }

  /** A value of the result's shape with the reduced axes back, at size 1. */
  private static String kept(BackwardContext node, String value) {
    boolean keep = node.attributes().integer("keepdims", 1) != 0;
    return keep ? value : node.ops().unsqueeze(value, axes(node));
  }

  private static String spread(BackwardContext node, String gradient) {
    return node.ops().expandLike(kept(node, gradient), node.input(0));
  }

  private static void mean(BackwardContext node) {
    Ops ops = node.ops();
    int[] axes = Arrays.stream(axes(node)).mapToInt(Math::toIntExact).toArray();
    long count = Ops.count(node.shape(0), axes);
    if (count >= 0) {
      node.give(0, spread(node, ops.mul(node.gradient(), 1.0 / Math.max(1, count))));
      return;
    }
    DType type = node.type(0).type();
    String ratio =
        ops.div(ops.cast(size(ops, node.output()), type), ops.cast(size(ops, node.input(0)), type));
    node.give(0, spread(node, ops.mul(node.gradient(), ratio)));
  }

  private static String size(Ops ops, String value) {
    return ops.op("Size", Attributes.NONE, value);
  }

  /** The gradient goes to the elements that reach the extremum, in equal parts where several do. */
  private static void extremum(BackwardContext node) {
    Ops ops = node.ops();
    String best = kept(node, node.output());
    String reached = ops.indicator(ops.equal(node.input(0), best), best);
    String ties = ops.reduceSum(reached, true, axes(node));
    node.give(0, ops.mul(reached, ops.div(kept(node, node.gradient()), ties)));
  }

  private static void l1(BackwardContext node) {
    Ops ops = node.ops();
    node.give(0, ops.mul(ops.sign(node.input(0)), kept(node, node.gradient())));
  }

  /** x / ||x||, and 0 where the norm is 0. */
  private static void l2(BackwardContext node) {
    Ops ops = node.ops();
    String norm = kept(node, node.output());
    String zero = ops.scalarLike(norm, 0);
    String safe = ops.where(ops.equal(norm, zero), ops.scalarLike(norm, 1), norm);
    node.give(0, ops.mul(node.input(0), ops.div(kept(node, node.gradient()), safe)));
  }

  private static void sumSquare(BackwardContext node) {
    Ops ops = node.ops();
    node.give(0, ops.mul(node.input(0), ops.mul(kept(node, node.gradient()), 2)));
  }

  private static void logSumExp(BackwardContext node) {
    Ops ops = node.ops();
    String share = ops.exp(ops.sub(node.input(0), kept(node, node.output())));
    node.give(0, ops.mul(share, kept(node, node.gradient())));
  }

  private static void logSum(BackwardContext node) {
    Ops ops = node.ops();
    String sum = ops.exp(kept(node, node.output()));
    node.give(0, ops.expandLike(ops.div(kept(node, node.gradient()), sum), node.input(0)));
  }

  /**
   * Each element gets the product of the others. It is computed as such, n products of n factors,
   * and not by a division, so that it holds where elements are 0.
   */
  private static void product(BackwardContext node) {
    Ops ops = node.ops();
    Set<Long> reduced = Arrays.stream(axes(node)).boxed().collect(Collectors.toSet());
    int rank = node.shape(0).rank();
    int[] order =
        IntStream.range(0, rank)
            .boxed()
            .sorted(Comparator.comparing(axis -> reduced.contains((long) axis)))
            .mapToInt(Integer::intValue)
            .toArray();
    int[] others = Arrays.copyOf(order, rank - reduced.size());
    int[] factors = Arrays.copyOfRange(order, others.length, rank);
    String sorted = ops.transpose(node.input(0), order);
    String count =
        ops.sizes()
            .product(
                Arrays.stream(factors)
                    .mapToObj(axis -> ops.sizes().of(node.input(0), axis))
                    .toList());
    String outer = ops.sizes().of(node.input(0), others);
    String rows = ops.reshapeTo(sorted, ops.sizes().join(List.of(outer, ops.list(1), count)));
    String own =
        ops.equal(
            ops.sizes().eye(DType.FLOAT32, count),
            ops.graph().constant(Constant.scalar(DType.FLOAT32, 1)));
    String without = ops.where(own, ops.scalarLike(rows, 1), rows);
    String product = ops.op("ReduceProd", Attributes.of("keepdims", false), without, ops.list(-1));
    int[] back = new int[rank];
    IntStream.range(0, rank).forEach(i -> back[order[i]] = i);
    String share = ops.transpose(ops.reshapeLike(product, sorted), back);
    node.give(0, ops.mul(share, kept(node, node.gradient())));
  }
}
