package io.acclimate.runtime.sites;

import io.acclimate.runtime.graph.Node;
import io.acclimate.runtime.graph.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A normalisation with weights, as one operator or in pieces.
 *
 * @param node its last node
 */
record Norm(Node node, String input, Weights weights, long features) {

  String output() {
    return node.output();
  }

  /** All normalisations, in the order in which they run. */
  static List<Norm> findAll(GraphWalk walk) {
    List<Norm> found = new ArrayList<>();
    for (Node node : walk.graph().nodes()) {
      switch (node.op()) {
        case "LayerNormalization", "RMSNormalization" -> of(walk, node, -1).ifPresent(found::add);
        case "BatchNormalization", "GroupNormalization" -> of(walk, node, 1).ifPresent(found::add);
        case "InstanceNormalization" -> ofGroups(walk, node).ifPresent(found::add);
        case "Div" ->
            inPieces(walk, node.output(), node.input(0), node.input(1)).ifPresent(found::add);
        case "Mul" -> byReciprocal(walk, node).ifPresent(found::add);
        default -> {}
      }
    }
    return found;
  }

  /** Exporters write group normalisation as an instance normalisation of groups and a scale. */
  private static Optional<Norm> ofGroups(GraphWalk walk, Node instance) {
    Optional<Norm> affine =
        walk.onlyReader(instance.output())
            .filter(node -> node.is("Reshape"))
            .flatMap(node -> affine(walk, node.output(), groupInput(walk, instance)));
    return affine.or(() -> of(walk, instance, 1));
  }

  private static String groupInput(GraphWalk walk, Node instance) {
    return walk.producer(instance.input(0), "Reshape")
        .map(node -> node.input(0))
        .orElse(instance.input(0));
  }

  private static Optional<Norm> of(GraphWalk walk, Node node, int featureAxis) {
    if (!walk.isConstant(node.input(1))) {
      return Optional.empty();
    }
    Optional<ConstantUse> bias =
        node.hasInput(2) && walk.isConstant(node.input(2))
            ? Optional.of(new ConstantUse(node.input(2), node.name(), 2))
            : Optional.empty();
    Weights weights = new Weights(new ConstantUse(node.input(1), node.name(), 1), bias, false, 0);
    Shape shape = walk.shape(node.input(0));
    return Optional.of(new Norm(node, node.input(0), weights, shape.size(featureAxis)));
  }

  private static Optional<Norm> byReciprocal(GraphWalk walk, Node product) {
    for (int place = 0; place < 2; place++) {
      Optional<String> root =
          walk.graph().producer(product.input(place)).flatMap(n -> root(walk, n));
      if (root.isPresent()) {
        return inPieces(walk, product.output(), product.input(1 - place), root.get());
      }
    }
    return Optional.empty();
  }

  /** The value whose inverse a node gives. */
  private static Optional<String> root(GraphWalk walk, Node inverse) {
    if (inverse.is("Reciprocal")) {
      return Optional.of(inverse.input(0));
    }
    boolean ofOne =
        inverse.is("Div") && walk.scalar(inverse.input(0)).filter(one -> one == 1).isPresent();
    return ofOne ? Optional.of(inverse.input(1)) : Optional.empty();
  }

  /** centred / sqrt(mean(centred²) + epsilon), then a scale and perhaps a bias. */
  private static Optional<Norm> inPieces(
      GraphWalk walk, String divided, String centred, String root) {
    Optional<Node> mean =
        walk.producer(root, "Sqrt")
            .flatMap(sqrt -> walk.producer(sqrt.input(0), "Add"))
            .filter(add -> walk.constantOperand(add) >= 0)
            .flatMap(add -> walk.producer(add.input(1 - walk.constantOperand(add)), "ReduceMean"));
    if (mean.isEmpty() || !isSquare(walk, mean.get().input(0), centred)) {
      return Optional.empty();
    }
    String input =
        walk.producer(centred, "Sub")
            .filter(sub -> walk.producer(sub.input(1), "ReduceMean").isPresent())
            .map(sub -> sub.input(0))
            .orElse(centred);
    return affine(walk, divided, input);
  }

  /** The scale, and perhaps the bias, behind a normalised value. */
  private static Optional<Norm> affine(GraphWalk walk, String normalised, String input) {
    Optional<Node> scaled = walk.onlyReader(normalised).filter(node -> isAffine(walk, node, "Mul"));
    if (scaled.isEmpty()) {
      return Optional.empty();
    }
    Optional<Node> biased =
        walk.onlyReader(scaled.get().output()).filter(node -> isAffine(walk, node, "Add"));
    Weights weights = new Weights(use(walk, scaled.get()), biased.map(n -> use(walk, n)), false, 0);
    long features = walk.shape(weights.weight().constant()).elements();
    return Optional.of(new Norm(biased.orElse(scaled.get()), input, weights, features));
  }

  private static boolean isSquare(GraphWalk walk, String value, String centred) {
    return walk.graph()
        .producer(value)
        .filter(node -> node.is("Pow") || node.is("Mul"))
        .filter(node -> node.input(0).equals(centred))
        .filter(node -> node.is("Mul") ? node.input(1).equals(centred) : isTwo(walk, node))
        .isPresent();
  }

  private static boolean isTwo(GraphWalk walk, Node power) {
    return walk.scalar(power.input(1)).filter(exponent -> exponent == 2).isPresent();
  }

  private static boolean isAffine(GraphWalk walk, Node node, String op) {
    int place = node.is(op) ? walk.constantOperand(node) : -1;
    return place >= 0 && walk.shape(node.input(place)).rank() > 0;
  }

  private static ConstantUse use(GraphWalk walk, Node node) {
    int place = walk.constantOperand(node);
    return new ConstantUse(node.input(place), node.name(), place);
  }
}
