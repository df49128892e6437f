package io.acclimate.runtime.graph;

import io.acclimate.runtime.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Shape rules of operators that reduce axes. */
final class ReductionShapes {
  private static final List<String> REDUCTIONS =
      List.of(
          "ReduceSum",
          "ReduceMean",
          "ReduceMax",
          "ReduceMin",
          "ReduceProd",
          "ReduceL1",
          "ReduceL2",
          "ReduceSumSquare",
          "ReduceLogSum",
          "ReduceLogSumExp");

  private ReductionShapes() {}

  static void register(Map<String, ShapeRule> rules) {
    REDUCTIONS.forEach(op -> rules.put(op, ReductionShapes::reduce));
    rules.put("SoftmaxCrossEntropyLoss", ReductionShapes::crossEntropy);
    rules.put("ArgMax", ReductionShapes::argument);
    rules.put("ArgMin", ReductionShapes::argument);
  }

  /** The axes that a reduction works over, counted from 0. */
  static Set<Integer> axes(long[] given, boolean noneIsAll, Shape shape) {
    Set<Integer> axes = new TreeSet<>();
    if (given != null && given.length > 0) {
      for (long axis : given) {
        axes.add(shape.axis(axis));
      }
    } else if (noneIsAll) {
      for (int axis = 0; axis < shape.rank(); axis++) {
        axes.add(axis);
      }
    }
    return axes;
  }

  private static List<ValueType> reduce(ShapeContext node) {
    boolean noneIsAll = node.attributes().integer("noop_with_empty_axes", 0) == 0;
    Set<Integer> axes = axes(node.longs(1, "axes"), noneIsAll, node.shape(0));
    return List.of(node.type(0).withShape(without(node, axes)));
  }

  private static List<ValueType> argument(ShapeContext node) {
    Set<Integer> axes = Set.of(node.shape(0).axis(node.attributes().integer("axis", 0)));
    return List.of(new ValueType(DType.INT64, without(node, axes)));
  }

  private static List<ValueType> crossEntropy(ShapeContext node) {
    boolean single = !node.attributes().text("reduction", "mean").equals("none");
    ValueType loss = node.type(0).withShape(single ? Shape.SCALAR : node.shape(1));
    return List.of(loss, node.type(0));
  }

  private static Shape without(ShapeContext node, Set<Integer> axes) {
    boolean keep = node.attributes().integer("keepdims", 1) != 0;
    List<Dim> dims = new ArrayList<>();
    for (int axis = 0; axis < node.shape(0).rank(); axis++) {
      if (!axes.contains(axis)) {
        dims.add(node.shape(0).dim(axis));
      } else if (keep) {
        dims.add(Dim.of(1));
      }
    }
    return new Shape(dims);
  }
}
