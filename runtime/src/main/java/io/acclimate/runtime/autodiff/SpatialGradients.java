package io.acclimate.runtime.autodiff;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.graph.Attributes;
import io.acclimate.runtime.graph.Constant;
import io.acclimate.runtime.graph.Ops;
import io.acclimate.runtime.graph.Shape;
import io.acclimate.runtime.graph.SpatialWindow;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.LongStream;

/** Gradient rules of convolutions and pooling, over any number of spatial axes of fixed size. */
final class SpatialGradients {
  private SpatialGradients() {}

  static void register(Map<String, GradientRule> rules) {
    rules.put("Conv", SpatialGradients::convolution);
    rules.put("ConvTranspose", SpatialGradients::transposedConvolution);
    rules.put("MaxPool", SpatialGradients::maxPool);
    rules.put("AveragePool", SpatialGradients::averagePool);
    rules.put("GlobalAveragePool", SpatialGradients::globalAveragePool);
    rules.put("GlobalMaxPool", SpatialGradients::globalMaxPool);
  }

  private static long[] space(BackwardContext node, int input) {
    return SlidingProducts.space(node.ops(), node.input(input));
  }

  private static void convolution(BackwardContext node) {
    long[] sizes = space(node, 0);
    SpatialWindow window = SpatialWindow.of(node.attributes(), Shape.of(space(node, 1)));
    SlidingProducts products = products(node, window, padding(window, sizes));
    if (node.wants(0)) {
      node.give(0, products.larger(node.ops(), node.gradient(), node.input(1), sizes));
    }
    if (node.wants(1)) {
      node.give(1, products.kernel(node.ops(), node.input(0), node.gradient(), space(node, 1)));
    }
    bias(node);
  }

  private static long[] padding(SpatialWindow window, long[] sizes) {
    long[] before = new long[sizes.length];
    Arrays.setAll(before, axis -> window.before(sizes[axis], axis));
    return before;
  }

  private static SlidingProducts products(
      BackwardContext node, SpatialWindow window, long[] before) {
    long groups = node.attributes().integer("group", 1);
    return new SlidingProducts(window.strides(), window.dilations(), before, groups);
  }

  private static void transposedConvolution(BackwardContext node) {
    Ops ops = node.ops();
    long[] sizes = space(node, 0);
    long[] outputs = SlidingProducts.space(ops, node.output());
    SpatialWindow window = SpatialWindow.of(node.attributes(), Shape.of(space(node, 1)));
    long[] extra = node.attributes().integers("output_padding");
    boolean sized = node.attributes().has("output_shape");
    long[] before = new long[sizes.length];
    for (int axis = 0; axis < before.length; axis++) {
      long more = extra == null ? 0 : extra[axis];
      before[axis] = window.cutBefore(sizes[axis], outputs[axis], axis, more, sized);
    }
    SlidingProducts products = products(node, window, before);
    if (node.wants(0)) {
      node.give(0, products.smaller(ops, node.gradient(), node.input(1), sizes));
    }
    if (node.wants(1)) {
      node.give(1, products.kernel(ops, node.gradient(), node.input(0), space(node, 1)));
    }
    bias(node);
  }

  private static void bias(BackwardContext node) {
    if (node.node().hasInput(2) && node.wants(2)) {
      int rank = node.shape(0).rank();
      long[] axes = LongStream.range(0, rank).filter(axis -> axis != 1).toArray();
      node.give(2, node.ops().reduceSum(node.gradient(), false, axes));
    }
  }

  /**
   * The gradient is added up where the operator's own optional result says that each maximum
   * stands: the first one of several equal ones. In second order only the outer gradient counts, as
   * the places do not move.
   */
  private static void maxPool(BackwardContext node) {
    if (node.attributes().integer("storage_order", 0) != 0) {
      throw new AcclimateException(
          "%s: expected row-major places of the maxima".formatted(node.node()));
    }
    Ops ops = node.ops();
    Shape shape = node.shape(0);
    String places = ops.graph().edits().completeOutputs(node.node().name(), 2).get(1);
    Constant zero = Constant.ofDoubles(node.type(0).type(), new double[1], 1);
    String zeros =
        ops.op("ConstantOfShape", Attributes.of("value", zero), ops.list(shape.elements()));
    String flat =
        ops.op(
            "ScatterElements",
            Attributes.of("axis", 0).and("reduction", "add"),
            zeros,
            ops.reshape(places, -1),
            ops.reshape(node.gradient(), -1));
    node.give(0, ops.reshape(flat, shape.sizes()));
  }

  /** A transposed convolution of each channel by equal weights. */
  private static void averagePool(BackwardContext node) {
    Ops ops = node.ops();
    DType type = node.type(0).type();
    long[] sizes = space(node, 0);
    long[] outputs = SlidingProducts.space(ops, node.output());
    long[] kernel = node.attributes().integers("kernel_shape");
    SpatialWindow window = SpatialWindow.of(node.attributes(), Shape.of(kernel));
    boolean padded = node.attributes().integer("count_include_pad", 0) != 0;
    double[] shares = window.averageShares(sizes, padded);
    boolean equal = Arrays.stream(shares).allMatch(share -> share == shares[0]);
    String gradient = ops.reshape(node.gradient(), after(-1, outputs));
    if (!equal) {
      gradient = ops.mul(gradient, ops.graph().constant(Constant.ofDoubles(type, shares, outputs)));
    }
    double[] weights = new double[Math.toIntExact(Shape.of(kernel).elements())];
    Arrays.fill(weights, equal ? shares[0] : 1);
    String weight = ops.graph().constant(Constant.ofDoubles(type, weights, after(1, kernel)));
    SlidingProducts products =
        new SlidingProducts(window.strides(), window.dilations(), padding(window, sizes), 1);
    String share = products.larger(ops, gradient, weight, sizes);
    node.give(0, ops.reshapeLike(share, node.input(0)));
  }

  /** A batch of single channels of these sizes. */
  private static long[] after(long batch, long[] space) {
    return LongStream.concat(LongStream.of(batch, 1), Arrays.stream(space)).toArray();
  }

  private static void globalAveragePool(BackwardContext node) {
    Ops ops = node.ops();
    double share = 1.0 / Shape.of(space(node, 0)).elements();
    node.give(0, ops.expandLike(ops.mul(node.gradient(), share), node.input(0)));
  }

  /** The gradient goes to the elements that reach the maximum, in equal parts where several do. */
  private static void globalMaxPool(BackwardContext node) {
    Ops ops = node.ops();
    String reached = ops.indicator(ops.equal(node.input(0), node.output()), node.output());
    long[] axes = LongStream.range(2, node.shape(0).rank()).toArray();
    String ties = ops.reduceSum(reached, true, axes);
    node.give(0, ops.mul(reached, ops.div(node.gradient(), ties)));
  }
}
