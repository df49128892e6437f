package io.acclimate.runtime.sites;

import io.acclimate.runtime.graph.Constant;
import io.acclimate.runtime.graph.Node;
import io.acclimate.runtime.graph.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Where the queries, keys or values of an attention come from: a linear layer, or a range of its
 * outputs when several are computed at once.
 */
record Projection(Linear linear, long firstColumn, long columns) {
  private static final Set<String> CARRIERS =
      Set.of(
          "Reshape",
          "Transpose",
          "Split",
          "Slice",
          "Squeeze",
          "Unsqueeze",
          "Gather",
          "Identity",
          "Cast",
          "Dropout",
          "Expand",
          "Tile",
          "Concat",
          "Neg",
          "Mul",
          "Div",
          "Add",
          "Sub",
          "LayerNormalization",
          "RMSNormalization",
          "ReduceMean",
          "Pow",
          "Sqrt",
          "Reciprocal");

  /** Traces an operand of an attention back; empty when it does not come from one layer. */
  static Optional<Projection> of(GraphWalk walk, Map<String, Linear> linears, String operand) {
    GraphWalk.Above above =
        walk.above(
            operand,
            node -> node.domain().isEmpty() && CARRIERS.contains(node.op()),
            linears::containsKey);
    if (above.ends().size() != 1) {
      return Optional.empty();
    }
    Linear linear = linears.get(above.ends().iterator().next());
    return columns(walk, linear, operand, above.passed())
        .map(range -> new Projection(linear, range[0], range[1]));
  }

  boolean isWhole() {
    return columns == linear.out();
  }

  /** The range of the layer's outputs that an operand holds. */
  private static Optional<long[]> columns(
      GraphWalk walk, Linear linear, String operand, Collection<Node> above) {
    String value = linear.output();
    Optional<StridedView> view = Optional.of(StridedView.of(walk.shape(value).sizes()));
    while (!value.equals(operand)) {
      String from = value;
      List<Node> next = walk.graph().consumers(from).stream().filter(above::contains).toList();
      if (next.size() != 1) {
        break;
      }
      Node node = next.get(0);
      String to =
          node.outputs().stream()
              .filter(out -> leadsTo(walk, out, operand, above))
              .findFirst()
              .orElse(from);
      Optional<StridedView> moved = view.isEmpty() ? view : moved(walk, view.get(), node, from, to);
      if (moved.isEmpty()) {
        break;
      }
      view = moved;
      value = to;
    }
    return view.flatMap(found -> found.columns(linear.out()));
  }

  private static boolean leadsTo(
      GraphWalk walk, String value, String operand, Collection<Node> above) {
    return value.equals(operand)
        || walk.graph().consumers(value).stream().anyMatch(above::contains);
  }

  /** The view of a node's result on the original; empty when it only changes numbers' places. */
  private static Optional<StridedView> moved(
      GraphWalk walk, StridedView view, Node node, String from, String to) {
    Shape shape = walk.shape(from);
    return switch (node.op()) {
      case "Reshape", "Squeeze", "Unsqueeze" -> view.reshape(walk.shape(to).sizes());
      case "Transpose" -> Optional.of(view.transpose(order(node, shape.rank())));
      case "Split" -> Optional.of(split(walk, view, node, to));
      case "Slice" -> slice(walk, view, node, shape, to);
      case "Gather" -> gather(walk, view, node, shape);
      case "Identity", "Cast", "Dropout", "Neg", "Mul", "Div", "Add", "Sub" ->
          walk.shape(to).equals(shape) ? Optional.of(view) : Optional.empty();
      default -> Optional.empty();
    };
  }

  private static long[] order(Node node, int rank) {
    long[] given = node.attributes().integers("perm");
    if (given != null) {
      return given;
    }
    long[] reversed = new long[rank];
    Arrays.setAll(reversed, axis -> rank - 1 - axis);
    return reversed;
  }

  private static StridedView split(GraphWalk walk, StridedView view, Node node, String to) {
    int axis = walk.shape(to).axis(node.attributes().integer("axis", 0));
    long start = 0;
    for (String part : node.outputs()) {
      if (part.equals(to)) {
        break;
      }
      start += walk.shape(part).size(axis);
    }
    return view.slice(axis, start, walk.shape(to).size(axis));
  }

  private static Optional<StridedView> slice(
      GraphWalk walk, StridedView view, Node node, Shape shape, String to) {
    List<long[]> lists = new ArrayList<>();
    for (int operand = 1; operand <= 4; operand++) {
      Optional<Constant> list = walk.constant(node.input(operand));
      if (node.hasInput(operand) && list.isEmpty()) {
        return Optional.empty();
      }
      lists.add(list.map(Constant::toLongs).orElse(null));
    }
    long[] starts = lists.get(0);
    long[] steps = lists.get(3);
    if (steps != null && Arrays.stream(steps).anyMatch(step -> step != 1)) {
      return Optional.empty();
    }
    StridedView part = view;
    for (int i = 0; i < starts.length; i++) {
      int axis = lists.get(2) == null ? i : shape.axis(lists.get(2)[i]);
      long size = shape.size(axis);
      long start = Math.min(starts[i] < 0 ? starts[i] + size : starts[i], size);
      part = part.slice(axis, start, walk.shape(to).size(axis));
    }
    return Optional.of(part);
  }

  private static Optional<StridedView> gather(
      GraphWalk walk, StridedView view, Node node, Shape shape) {
    int axis = shape.axis(node.attributes().integer("axis", 0));
    return walk.constant(node.input(1))
        .filter(index -> index.type().shape().rank() == 0)
        .map(index -> index.toLongs()[0])
        .map(index -> view.select(axis, index < 0 ? index + shape.size(axis) : index));
  }
}
