package io.acclimate.runtime.autodiff;

import java.util.Map;

/** Gradient rules of operators that arrange elements anew. */
final class LayoutGradients {
  private LayoutGradients() {}

  static void register(Map<String, GradientRule> rules) {
    rules.put("Reshape", LayoutGradients::reshaped);
    rules.put("Squeeze", LayoutGradients::reshaped);
    rules.put("Unsqueeze", LayoutGradients::reshaped);
    rules.put("Flatten", LayoutGradients::reshaped);
    rules.put("Transpose", LayoutGradients::transpose);
    rules.put("Expand", LayoutGradients::expand);
  }

  private static void reshaped(BackwardContext node) {
    node.give(0, node.ops().reshapeLike(node.gradient(), node.input(0)));
  }

  private static void transpose(BackwardContext node) {
    int rank = node.shape(0).rank();
    long[] perm = node.attributes().integers("perm");
    int[] inverse = new int[rank];
    for (int axis = 0; axis < rank; axis++) {
      inverse[perm == null ? rank - 1 - axis : (int) perm[axis]] = axis;
    }
    node.give(0, node.ops().transpose(node.gradient(), inverse));
  }

  /** The gradient is summed over the repetitions. */
  private static void expand(BackwardContext node) {
    node.give(0, node.gradient());
  }
}
