package io.acclimate.runtime.sites;

import io.acclimate.runtime.graph.Node;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;

/**
 * An attention or feed-forward network as a whole, and how it stands in the residual stream.
 *
 * @param input the value that it reads
 * @param readers its nodes that read it
 * @param output the value that it gives
 * @param sum the node that adds the output to the residual stream, if there is one
 * @param residual the value that the output is added to, {@code ""} without a sum
 */
record Sublayer(
    String input, Set<String> readers, String output, Optional<Node> sum, String residual) {
  private static final int FARTHEST = 24;
  private static final Set<String> TOWARDS_SUM =
      Set.of("Reshape", "Transpose", "Identity", "Cast", "Dropout");

  /**
   * Follows a sub-layer from its first linear layers to the sum.
   *
   * @param result the value of its last node
   */
  static Sublayer of(GraphWalk walk, Collection<Linear> first, String result) {
    String input = walk.unflattened(first.iterator().next().input());
    Set<String> readers = new LinkedHashSet<>();
    for (Linear linear : first) {
      readers.add(reader(walk, linear, input));
    }
    String added = towardsSum(walk, walk.restored(result));
    Optional<Residual> residual =
        walk.onlyReader(added).flatMap(node -> Residual.of(walk, input, added, node, true));
    String output = residual.isPresent() ? added : walk.restored(result);
    return new Sublayer(
        input,
        readers,
        output,
        residual.map(Residual::sum),
        residual.map(Residual::stream).orElse(""));
  }

  private static String towardsSum(GraphWalk walk, String result) {
    String value = result;
    Optional<Node> reader = walk.onlyReader(value);
    while (reader.isPresent() && isOnTheWay(walk, reader.get())) {
      value = reader.get().output();
      reader = walk.onlyReader(value);
    }
    return value;
  }

  /** A sum and the stream that it continues. */
  private record Residual(Node sum, String stream) {
    /**
     * The sum of a sub-layer's output with a value that its input comes from.
     *
     * @param parallel whether the outputs of two sub-layers may be added up first
     */
    static Optional<Residual> of(
        GraphWalk walk, String input, String added, Node node, boolean parallel) {
      if (!node.is("Add") || walk.constantOperand(node) >= 0) {
        return Optional.empty();
      }
      String stream = GraphWalk.other(node, added);
      if (walk.shape(node.output()).equals(walk.shape(added)) && comesFrom(walk, input, stream)) {
        return Optional.of(new Residual(node, stream));
      }
      return parallel
          ? walk.onlyReader(node.output())
              .flatMap(next -> of(walk, input, node.output(), next, false))
          : Optional.empty();
    }
  }

  /** The node that reads the input on the way to a linear layer. */
  private static String reader(GraphWalk walk, Linear linear, String input) {
    Node node = linear.node();
    while (!node.input(0).equals(input)) {
      node = walk.graph().producer(node.input(0)).orElseThrow();
    }
    return node.name();
  }

  /** Layout, and a scale for each feature. */
  private static boolean isOnTheWay(GraphWalk walk, Node node) {
    return TOWARDS_SUM.contains(node.op()) || node.is("Mul") && walk.constantOperand(node) >= 0;
  }

  /** Whether a value leads to the input, through a normalisation at most. */
  private static boolean comesFrom(GraphWalk walk, String input, String residual) {
    GraphWalk.Above above =
        walk.above(input, node -> walk.order(node) >= 0, value -> value.equals(residual));
    return above.ends().contains(residual) && above.passed().size() <= FARTHEST;
  }

  /** Whether the sub-layer reads the residual stream itself and the sum is normalised. */
  boolean isPostNorm() {
    return input.equals(residual);
  }
}
