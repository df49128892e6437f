package io.acclimate.runtime.autodiff;

import io.acclimate.runtime.graph.Attributes;
import io.acclimate.runtime.graph.Constant;
import io.acclimate.runtime.graph.Dim;
import io.acclimate.runtime.graph.Ops;
import io.acclimate.runtime.graph.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/** Gradient rules of operators that pick elements by index. */
final class IndexGradients {
  private IndexGradients() {}

  static void register(Map<String, GradientRule> rules) {
    rules.put("Gather", IndexGradients::gather);
    rules.put("GatherElements", IndexGradients::gatherElements);
    rules.put("GatherND", IndexGradients::gatherNd);
    rules.put("TopK", IndexGradients::topK);
    rules.put("OneHot", IndexGradients::oneHot);
    rules.put("Trilu", IndexGradients::trilu);
    rules.put("EyeLike", node -> {});
    rules.put("CumSum", IndexGradients::cumSum);
  }

  private static void gather(BackwardContext node) {
    Ops ops = node.ops();
    Shape data = node.shape(0);
    int axis = data.axis(node.attributes().integer("axis", 0));
    Optional<Long> first = firstOfRun(node, data.dim(axis));
    if (first.isEmpty()) {
      String size = ops.sizes().of(node.input(0), axis);
      node.give(0, AxisScatter.add(ops, node.gradient(), axis, node.input(1), size));
      return;
    }
    boolean scalar = node.shape(1).rank() == 0;
    String part = scalar ? ops.unsqueeze(node.gradient(), axis) : node.gradient();
    long[] pads = new long[2 * data.rank()];
    pads[axis] = first.get();
    pads[axis + data.rank()] = data.size(axis) - first.get() - ops.shape(part).size(axis);
    node.give(0, AxisScatter.pad(ops, part, pads));
  }

  /** Where constant indices start, when each is the one before plus 1. */
  private static Optional<Long> firstOfRun(BackwardContext node, Dim dim) {
    Optional<Constant> indices = node.ops().graph().constantValue(node.input(1));
    if (!dim.isFixed() || indices.isEmpty() || node.shape(1).rank() > 1) {
      return Optional.empty();
    }
    long[] places = indices.get().toLongs();
    for (int i = 0; i < places.length; i++) {
      places[i] += places[i] < 0 ? dim.size() : 0;
      if (places[i] != places[0] + i) {
        return Optional.empty();
      }
    }
    return places.length == 0 ? Optional.empty() : Optional.of(places[0]);
  }

  private static void gatherElements(BackwardContext node) {
    Ops ops = node.ops();
    long axis = node.attributes().integer("axis", 0);
    node.give(0, addElements(ops, node.input(0), node.input(1), node.gradient(), axis));
  }

  private static String addElements(
      Ops ops, String like, String indices, String updates, long axis) {
    return ops.op(
        "ScatterElements",
        Attributes.of("axis", axis).and("reduction", "add"),
        AxisScatter.zerosLike(ops, like),
        indices,
        updates);
  }

  private static void gatherNd(BackwardContext node) {
    Ops ops = node.ops();
    int batch = (int) node.attributes().integer("batch_dims", 0);
    String indices = batch == 0 ? node.input(1) : withBatchPlaces(node, batch);
    node.give(
        0,
        ops.op(
            "ScatterND",
            Attributes.of("reduction", "add"),
            AxisScatter.zerosLike(ops, node.input(0)),
            indices,
            node.gradient()));
  }

  /** Indices that also say the place in each batch axis. */
  private static String withBatchPlaces(BackwardContext node, int batch) {
    Ops ops = node.ops();
    int rank = node.shape(1).rank();
    String one = ops.list(1);
    String leading = ops.sizes().of(node.input(1), IntStream.range(0, rank - 1).toArray());
    String column = ops.sizes().join(List.of(leading, one));
    List<String> columns = new ArrayList<>();
    for (int axis = 0; axis < batch; axis++) {
      int own = axis;
      long[] others = IntStream.range(0, rank).filter(i -> i != own).asLongStream().toArray();
      String places = ops.sizes().range(ops.sizes().of(node.input(1), axis));
      columns.add(ops.op("Expand", Attributes.NONE, ops.unsqueeze(places, others), column));
    }
    columns.add(node.input(1));
    return ops.concat(rank - 1, columns);
  }

  /** The gradient goes to the elements that were kept. */
  private static void topK(BackwardContext node) {
    Ops ops = node.ops();
    List<String> results = node.node().outputs();
    boolean indexed = results.size() > 1 && !results.get(1).isEmpty();
    String indices =
        indexed
            ? results.get(1)
            : ops.graph().nodes("TopK", node.attributes(), 2, node.input(0), node.input(1)).get(1);
    long axis = node.attributes().integer("axis", -1);
    node.give(0, addElements(ops, node.input(0), indices, node.gradient(), axis));
  }

  /** The values are [off, on]: each gets the sum over the places where it stands. */
  private static void oneHot(BackwardContext node) {
    Ops ops = node.ops();
    String values =
        ops.graph().constant(Constant.ofDoubles(node.type(2).type(), new double[] {0, 1}, 2));
    String hot = ops.op("OneHot", node.attributes(), node.input(0), node.input(1), values);
    String on = ops.reduceSum(ops.mul(node.gradient(), hot), false);
    String off = ops.sub(ops.reduceSum(node.gradient(), false), on);
    node.give(2, ops.concat(0, List.of(ops.unsqueeze(off, 0), ops.unsqueeze(on, 0))));
  }

  private static void trilu(BackwardContext node) {
    List<String> operands = new ArrayList<>(node.node().inputs());
    operands.set(0, node.gradient());
    node.give(0, node.ops().op("Trilu", node.attributes(), operands.toArray(String[]::new)));
  }

  /** Sums from the other end. */
  private static void cumSum(BackwardContext node) {
    boolean reverse = node.attributes().integer("reverse", 0) != 0;
    Attributes opposite = node.attributes().and("reverse", !reverse);
    node.give(0, node.ops().op("CumSum", opposite, node.gradient(), node.input(1)));
  }
}
