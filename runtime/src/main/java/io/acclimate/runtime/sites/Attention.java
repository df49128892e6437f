package io.acclimate.runtime.sites;

import io.acclimate.runtime.graph.Node;
import io.acclimate.runtime.graph.Shape;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * An attention: softmax(Q Kᵀ scale + mask) V, found by its softmax between two products of computed
 * values.
 *
 * @param softmax the node of the softmax
 * @param context the values weighted by the probabilities
 * @param result the last linear layer, if there is one
 */
record Attention(
    Node softmax,
    String context,
    Projection query,
    Projection key,
    Projection value,
    Optional<Linear> result,
    Heads heads,
    Sublayer sublayer) {
  private static final Set<String> MASKING =
      Set.of(
          "Add",
          "Sub",
          "Mul",
          "Div",
          "Where",
          "Max",
          "Min",
          "Clip",
          "Cast",
          "Identity",
          "Reshape",
          "Tanh");
  private static final Set<String> AFTER_SOFTMAX = Set.of("Identity", "Cast", "Dropout", "Where");
  private static final Set<String> MERGING =
      Set.of("Transpose", "Reshape", "Identity", "Cast", "Squeeze", "Concat");

  /** Whether queries and keys are computed from the same value. */
  boolean isSelf(GraphWalk walk) {
    return walk.unflattened(query.linear().input()).equals(walk.unflattened(key.linear().input()));
  }

  /** All attentions, in the order in which they run. */
  static List<Attention> findAll(GraphWalk walk, Map<String, Linear> linears) {
    List<Attention> found = new ArrayList<>();
    for (Node node : walk.graph().nodes()) {
      if (node.is("Softmax")) {
        of(walk, linears, node).ifPresent(found::add);
      }
    }
    return found;
  }

  private static Optional<Attention> of(GraphWalk walk, Map<String, Linear> linears, Node softmax) {
    Shape shape = walk.shape(softmax.output());
    if (shape.axis(softmax.attributes().integer("axis", -1)) != shape.rank() - 1) {
      return Optional.empty();
    }
    Optional<Node> weighting = weighting(walk, softmax);
    Optional<Node> products = products(walk, softmax);
    if (weighting.isEmpty() || products.isEmpty()) {
      return Optional.empty();
    }
    Optional<Projection> query = Projection.of(walk, linears, products.get().input(0));
    Optional<Projection> key = Projection.of(walk, linears, products.get().input(1));
    Optional<Projection> value = Projection.of(walk, linears, weighting.get().input(1));
    if (query.isEmpty() || key.isEmpty() || value.isEmpty()) {
      return Optional.empty();
    }
    Optional<Linear> result = result(walk, linears, weighting.get());
    Heads heads = heads(walk, softmax, products.get(), weighting.get(), query.get(), value.get());
    String output = result.map(Linear::output).orElse(weighting.get().output());
    Sublayer sublayer =
        Sublayer.of(
            walk, List.of(query.get().linear(), key.get().linear(), value.get().linear()), output);
    return Optional.of(
        new Attention(
            softmax,
            weighting.get().output(),
            query.get(),
            key.get(),
            value.get(),
            result,
            heads,
            sublayer));
  }

  /** The product of the probabilities with the values. */
  private static Optional<Node> weighting(GraphWalk walk, Node softmax) {
    Optional<Node> reader = Optional.of(softmax);
    String value = softmax.output();
    while (reader.isPresent()) {
      String read = value;
      reader =
          walk.graph().consumers(read).stream()
              .filter(node -> node.is("MatMul") || AFTER_SOFTMAX.contains(node.op()))
              .findFirst();
      if (reader.isPresent() && reader.get().is("MatMul")) {
        return reader.filter(node -> node.input(0).equals(read) && !walk.isConstant(node.input(1)));
      }
      value = reader.map(Node::output).orElse("");
    }
    return Optional.empty();
  }

  /** The product of the queries with the keys. */
  private static Optional<Node> products(GraphWalk walk, Node softmax) {
    GraphWalk.Above above =
        walk.above(
            softmax.input(0),
            node -> node.domain().isEmpty() && MASKING.contains(node.op()),
            value -> isProduct(walk, value));
    return above.ends().size() == 1
        ? walk.graph().producer(above.ends().iterator().next())
        : Optional.empty();
  }

  private static boolean isProduct(GraphWalk walk, String value) {
    return walk.producer(value, "MatMul")
        .filter(node -> !walk.isConstant(node.input(0)) && !walk.isConstant(node.input(1)))
        .isPresent();
  }

  private static Optional<Linear> result(
      GraphWalk walk, Map<String, Linear> linears, Node weighting) {
    String value = weighting.output();
    Optional<Node> reader = walk.onlyReader(value);
    while (reader.isPresent() && MERGING.contains(reader.get().op())) {
      value = reader.get().output();
      reader = walk.onlyReader(value);
    }
    String read = value;
    return linears.values().stream().filter(linear -> linear.input().equals(read)).findFirst();
  }

  private static Heads heads(
      GraphWalk walk,
      Node softmax,
      Node products,
      Node weighting,
      Projection query,
      Projection value) {
    long headSize = walk.shape(products.input(0)).size(-1);
    long valueSize = walk.shape(weighting.input(1)).size(-1);
    return new Heads(
        query.columns() / headSize,
        value.columns() / valueSize,
        headSize,
        scale(walk, products, softmax),
        products.input(0),
        weighting.input(1),
        softmax.input(0));
  }

  /** The factor by which products are multiplied on their way to the softmax. */
  private static double scale(GraphWalk walk, Node products, Node softmax) {
    Set<String> seen = new LinkedHashSet<>();
    double scale = 1;
    String value = products.output();
    while (!value.equals(softmax.input(0)) && seen.add(value)) {
      String read = value;
      Optional<Node> next =
          walk.graph().consumers(value).stream()
              .filter(node -> MASKING.contains(node.op()))
              .findFirst();
      if (next.isEmpty()) {
        break;
      }
      Optional<Double> factor = walk.scalar(GraphWalk.other(next.get(), read));
      if (factor.isPresent() && next.get().is("Mul")) {
        scale *= factor.get();
      } else if (factor.isPresent() && next.get().is("Div")) {
        scale /= factor.get();
      }
      value = next.get().output();
    }
    return scale;
  }
}
