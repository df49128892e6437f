package io.acclimate.runtime.autodiff;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.graph.Attributes;
import io.acclimate.runtime.graph.Constant;
import io.acclimate.runtime.graph.Ops;
import io.acclimate.runtime.graph.ResizeAxis;
import io.acclimate.runtime.graph.Shape;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Gradient rules of operators that change the resolution of images. */
final class ResamplingGradients {
  private ResamplingGradients() {}

  static void register(Map<String, GradientRule> rules) {
    rules.put("DepthToSpace", ResamplingGradients::depthToSpace);
    rules.put("SpaceToDepth", node -> node.give(0, regrouped(node, "DepthToSpace")));
    rules.put("Resize", ResamplingGradients::resize);
  }

  private static String regrouped(BackwardContext node, String op) {
    long block = node.attributes().integer("blocksize", 0);
    String back = node.ops().op(op, Attributes.of("blocksize", block), node.gradient());
    return node.ops().reshapeLike(back, node.input(0));
  }

  private static void depthToSpace(BackwardContext node) {
    if (node.attributes().text("mode", "DCR").equals("DCR")) {
      node.give(0, regrouped(node, "SpaceToDepth"));
      return;
    }
    Ops ops = node.ops();
    String block = ops.list(node.attributes().integer("blocksize", 0));
    String x = node.input(0);
    String batch = ops.sizes().of(x, 0);
    String channels = ops.sizes().of(node.output(), 1);
    String height = ops.sizes().of(x, 2);
    String width = ops.sizes().of(x, 3);
    List<String> apart = List.of(batch, channels, height, block, width, block);
    String split = ops.reshapeTo(node.gradient(), ops.sizes().join(apart));
    node.give(0, ops.reshapeLike(ops.transpose(split, 0, 1, 3, 5, 2, 4), x));
  }

  /** Along each axis the transposed matrix of the weights with which the result was made. */
  private static void resize(BackwardContext node) {
    Ops ops = node.ops();
    Shape from = node.shape(0);
    Shape to = ops.shape(node.output());
    long[] axes = node.attributes().integers("axes");
    String gradient = node.gradient();
    for (int i = 0; i < (axes == null ? from.rank() : axes.length); i++) {
      int axis = axes == null ? i : from.axis(axes[i]);
      if (from.size(axis) < 0 || to.size(axis) < 0) {
        if (from.dim(axis).equals(to.dim(axis))) {
          continue;
        }
        throw new AcclimateException(
            "%s: axis %d of %s is open, so it cannot be differentiated"
                .formatted(node.node(), axis, from));
      }
      double scale = scale(node, i, (double) to.size(axis) / from.size(axis));
      if (scale != 1) {
        ResizeAxis resized = new ResizeAxis(from.size(axis), to.size(axis), scale);
        gradient = product(ops, gradient, axis, resized, resized.weights(node.attributes()));
      }
    }
    node.give(0, gradient);
  }

  private static double scale(BackwardContext node, int i, double ofSizes) {
    return node.node().hasInput(3)
        ? ofSizes
        : node.ops()
            .graph()
            .constantValue(node.input(2))
            .map(scales -> scales.toDoubles()[i])
            .orElse(ofSizes);
  }

  private static String product(
      Ops ops, String gradient, int axis, ResizeAxis resized, double[] weights) {
    String matrix =
        ops.graph()
            .constant(
                Constant.ofDoubles(
                    ops.type(gradient).type(), weights, resized.to(), resized.from()));
    int rank = ops.shape(gradient).rank();
    int[] swapped = IntStream.range(0, rank).toArray();
    swapped[axis] = rank - 1;
    swapped[rank - 1] = axis;
    return ops.transpose(ops.matMul(ops.transpose(gradient, swapped), matrix), swapped);
  }
}
