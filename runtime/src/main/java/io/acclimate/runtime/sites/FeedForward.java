package io.acclimate.runtime.sites;

import io.acclimate.runtime.graph.Node;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A feed-forward network in a residual stream: one linear layer, or two of which one gates the
 * other, then an activation, then a linear layer.
 */
record FeedForward(List<Linear> up, Linear down, Sublayer sublayer) {
  private static final Set<String> ACTIVATIONS =
      Set.of(
          "Relu",
          "LeakyRelu",
          "PRelu",
          "Gelu",
          "Erf",
          "Tanh",
          "Sigmoid",
          "HardSigmoid",
          "HardSwish",
          "Softplus",
          "Softsign",
          "Elu",
          "Celu",
          "Selu",
          "Mish",
          "Swish",
          "ThresholdedRelu");
  private static final Set<String> BETWEEN =
      Set.of(
          "Reshape",
          "Identity",
          "Cast",
          "Dropout",
          "Mul",
          "Add",
          "Sub",
          "Div",
          "Pow",
          "Neg",
          "Exp",
          "Clip",
          "Min",
          "Max",
          "Where",
          "Abs",
          "Sqrt",
          "Split",
          "Slice");

  /** All feed-forward networks made of layers that are none of an attention's. */
  static List<FeedForward> findAll(
      GraphWalk walk, Map<String, Linear> linears, Collection<Linear> taken) {
    List<FeedForward> found = new ArrayList<>();
    for (Linear down : linears.values()) {
      if (!taken.contains(down)) {
        of(walk, linears, taken, down).ifPresent(found::add);
      }
    }
    return found;
  }

  private static Optional<FeedForward> of(
      GraphWalk walk, Map<String, Linear> linears, Collection<Linear> taken, Linear down) {
    GraphWalk.Above above =
        walk.above(
            down.input(),
            node ->
                node.domain().isEmpty()
                    && (ACTIVATIONS.contains(node.op()) || BETWEEN.contains(node.op())),
            linears::containsKey);
    List<Linear> up = above.ends().stream().map(linears::get).toList();
    boolean activated = above.passed().stream().map(Node::op).anyMatch(ACTIVATIONS::contains);
    boolean fits = up.stream().allMatch(one -> one.out() % down.in() == 0 && !taken.contains(one));
    if (above.open() || !activated || up.isEmpty() || up.size() > 2 || !fits) {
      return Optional.empty();
    }
    Sublayer sublayer = Sublayer.of(walk, up, down.output());
    return sublayer.sum().isPresent()
        ? Optional.of(new FeedForward(up, down, sublayer))
        : Optional.empty();
  }
}
