package io.acclimate.runtime.autodiff;

import io.acclimate.runtime.graph.Attributes;
import io.acclimate.runtime.graph.Ops;
import io.acclimate.runtime.graph.ResizeAxis;
import java.util.List;
import java.util.Map;

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

  private static void resize(BackwardContext node) {
    Ops ops = node.ops();
    String gradient = node.gradient();
    for (ResizeAxis axis :
        ResizeAxis.of(ops, node.node(), node.shape(0), ops.shape(node.output()))) {
      gradient = axis.spread(ops, gradient, node.attributes());
    }
    node.give(0, gradient);
  }
}
