package io.acclimate.runtime.sites;

import io.acclimate.runtime.graph.Constant;
import io.acclimate.runtime.graph.Node;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A linear layer: a matrix product with a constant, and what is added to it.
 *
 * @param node the node of the product
 * @param output the value after the bias
 * @param weights its constants
 */
record Linear(Node node, String output, Weights weights, long in, long out) {

  /** The value that the product reads. */
  String input() {
    return node.input(0);
  }

  /** All linear layers of a graph by their output, in the order in which they run. */
  static Map<String, Linear> findAll(GraphWalk walk) {
    Map<String, Linear> found = new LinkedHashMap<>();
    for (Node node : walk.graph().nodes()) {
      Optional<Linear> linear =
          node.is("MatMul")
              ? ofMatMul(walk, node)
              : node.is("Gemm") ? ofGemm(walk, node) : Optional.empty();
      linear.ifPresent(one -> found.put(one.output(), one));
    }
    return found;
  }

  private static Optional<Linear> ofMatMul(GraphWalk walk, Node node) {
    Optional<Constant> weight = weight(walk, node);
    if (weight.isEmpty()) {
      return Optional.empty();
    }
    long in = weight.get().type().shape().size(0);
    long out = weight.get().type().shape().size(1);
    ConstantUse use = new ConstantUse(node.input(1), node.name(), 1);
    Optional<Node> bias = walk.onlyReader(node.output()).filter(add -> isBias(walk, add, out));
    if (bias.isEmpty()) {
      Weights weights = new Weights(use, Optional.empty(), false, 0);
      return Optional.of(new Linear(node, node.output(), weights, in, out));
    }
    Node add = bias.get();
    int place = walk.constantOperand(add);
    ConstantUse biasUse = new ConstantUse(add.input(place), add.name(), place);
    Weights weights = new Weights(use, Optional.of(biasUse), false, 0);
    return Optional.of(new Linear(node, add.output(), weights, in, out));
  }

  private static boolean isBias(GraphWalk walk, Node add, long out) {
    int place = add.is("Add") ? walk.constantOperand(add) : -1;
    return place >= 0
        && walk.shape(add.input(place)).rank() == 1
        && walk.shape(add.input(place)).size(0) == out;
  }

  private static Optional<Linear> ofGemm(GraphWalk walk, Node node) {
    Optional<Constant> weight = weight(walk, node);
    boolean plain =
        node.attributes().integer("transA", 0) == 0
            && node.attributes().number("alpha", 1) == 1
            && node.attributes().number("beta", 1) == 1
            && (!node.hasInput(2) || walk.isConstant(node.input(2)));
    if (weight.isEmpty() || !plain) {
      return Optional.empty();
    }
    boolean transposed = node.attributes().integer("transB", 0) != 0;
    long out = weight.get().type().shape().size(transposed ? 0 : 1);
    boolean bias = node.hasInput(2) && walk.shape(node.input(2)).elements() == out;
    Weights weights =
        new Weights(
            new ConstantUse(node.input(1), node.name(), 1),
            bias ? Optional.of(new ConstantUse(node.input(2), node.name(), 2)) : Optional.empty(),
            transposed,
            0);
    long in = weight.get().type().shape().size(transposed ? 1 : 0);
    return Optional.of(new Linear(node, node.output(), weights, in, out));
  }

  private static Optional<Constant> weight(GraphWalk walk, Node node) {
    return walk.constant(node.input(1))
        .filter(weight -> weight.type().type().isFloating() && weight.type().shape().rank() == 2)
        .filter(weight -> !walk.isConstant(node.input(0)));
  }
}
