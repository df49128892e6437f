package io.acclimate.runtime.autodiff;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.graph.Ops;
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
    rules.put("Concat", LayoutGradients::concat);
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

  private static void concat(BackwardContext node) {
    Ops ops = node.ops();
    int axis = node.shape(0).axis(node.attributes().integer("axis", 0));
    long start = 0;
    for (int i = 0; i < node.node().inputs().size(); i++) {
      long size = node.shape(i).size(axis);
      if (size < 0) {
        throw new AcclimateException(
            node.node() + ": axis " + axis + " is open, so it cannot be taken apart again");
      }
      if (node.wants(i)) {
        node.give(i, ops.slice(node.gradient(), axis, start, start + size));
      }
      start += size;
    }
  }
}
