package io.acclimate.runtime.graph;

import io.acclimate.runtime.DType;
import java.util.List;
import java.util.Optional;

/**
 * Puts single operators in the place of what exporters write in pieces: layer normalisation and
 * Gelu. They run faster, their gradients take fewer passes over memory, and structure is easier to
 * find. Results change by rounding only.
 */
final class Canonicalizer {
  private static final double CLOSE = 1e-4;

  private final ModelGraph graph;
  private final GraphBuilder result;

  private Canonicalizer(ModelGraph graph) {
    this.graph = graph;
    this.result = graph.toBuilder();
  }

  static ModelGraph apply(ModelGraph graph) {
    Canonicalizer canonicalizer = new Canonicalizer(graph);
    for (Node node : graph.nodes()) {
      if (node.is("Div")) {
        canonicalizer.layerNormalization(node);
      } else if (node.is("Erf")) {
        canonicalizer.gelu(node);
      }
    }
    return canonicalizer.result.build();
  }

  /** (x - mean) / sqrt(mean of squares + epsilon) * scale + bias over the last axis. */
  private void layerNormalization(Node divided) {
    Node centred = producer(divided.input(0), "Sub");
    Node root = producer(divided.input(1), "Sqrt");
    Node shifted = root == null ? null : producer(root.input(0), "Add");
    if (centred == null || shifted == null || !isLastAxisMean(centred)) {
      return;
    }
    int constantSide = scalar(shifted.input(1)).isPresent() ? 1 : 0;
    Optional<Double> epsilon = scalar(shifted.input(constantSide));
    Node variance = producer(shifted.input(1 - constantSide), "ReduceMean");
    if (epsilon.isEmpty()
        || variance == null
        || !reducesLastAxis(variance)
        || !isSquareOf(variance.input(0), centred)) {
      return;
    }
    Node scaled = onlyConsumer(divided.output(), "Mul");
    Node biased = scaled == null ? null : onlyConsumer(scaled.output(), "Add");
    String scale = scaled == null ? null : vector(other(scaled, divided.output()));
    String bias = biased == null ? null : vector(other(biased, scaled.output()));
    if (scale == null || bias == null) {
      return;
    }
    Attributes attributes = Attributes.of("axis", -1).and("epsilon", epsilon.get());
    result
        .edits()
        .replace(
            biased.name(),
            new Node(
                biased.name(),
                "LayerNormalization",
                "",
                List.of(centred.input(0), scale, bias),
                biased.outputs(),
                attributes));
  }

  private boolean isLastAxisMean(Node centred) {
    Node mean = producer(centred.input(1), "ReduceMean");
    return mean != null && mean.input(0).equals(centred.input(0)) && reducesLastAxis(mean);
  }

  private boolean reducesLastAxis(Node reduction) {
    Constant axes = graph.constants().get(reduction.input(1));
    ValueType type = graph.types().get(reduction.input(0));
    return axes != null
        && type != null
        && axes.elements() == 1
        && type.shape().axis(axes.toLongs()[0]) == type.shape().rank() - 1
        && reduction.attributes().integer("keepdims", 1) != 0;
  }

  private boolean isSquareOf(String value, Node centred) {
    Node power = producer(value, "Pow");
    if (power != null) {
      return isScalar(power.input(1), 2) && isSame(power.input(0), centred);
    }
    Node product = producer(value, "Mul");
    return product != null
        && product.input(0).equals(product.input(1))
        && isSame(product.input(0), centred);
  }

  /** Whether a value is the result of a node, or of its twin: exporters write some nodes twice. */
  private boolean isSame(String value, Node node) {
    Node twin = producer(value, node.op());
    return twin != null && twin.inputs().equals(node.inputs());
  }

  /** A constant {@code [n]} to scale or shift the last axis by; else null. */
  private String vector(String value) {
    Constant constant = graph.constants().get(value);
    return constant != null && constant.type().shape().rank() == 1 ? value : null;
  }

  /** x * (1 + erf(x / sqrt 2)) / 2, in any order of the products. */
  private void gelu(Node erf) {
    String x = scaledBy(erf.input(0), Math.sqrt(0.5));
    Node plusOne = onlyConsumer(erf.output(), "Add");
    if (x == null
        || plusOne == null
        || !isScalar(other(plusOne, erf.output()), 1)
        || !graph.types().containsKey(x)
        || graph.type(x).type() != DType.FLOAT32 && graph.type(x).type() != DType.FLOAT64) {
      return;
    }
    Node product = onlyConsumer(plusOne.output(), "Mul");
    if (product == null) {
      return;
    }
    String factor = other(product, plusOne.output());
    Node last = null;
    if (x.equals(scaledBy(factor, 0.5))) {
      last = product;
    } else if (factor.equals(x) || isScalar(factor, 0.5)) {
      Node second = onlyConsumer(product.output(), "Mul");
      String rest = second == null ? "" : other(second, product.output());
      boolean fits = factor.equals(x) ? isScalar(rest, 0.5) : rest.equals(x);
      last = fits ? second : null;
    }
    if (last != null) {
      result
          .edits()
          .replace(
              last.name(),
              new Node(last.name(), "Gelu", "", List.of(x), last.outputs(), Attributes.NONE));
    }
  }

  /** The value that is multiplied by a factor, or divided by its inverse, to give this one. */
  private String scaledBy(String value, double factor) {
    Node division = producer(value, "Div");
    if (division != null && isScalar(division.input(1), 1 / factor)) {
      return division.input(0);
    }
    Node product = producer(value, "Mul");
    if (product != null && isScalar(product.input(1), factor)) {
      return product.input(0);
    }
    return product != null && isScalar(product.input(0), factor) ? product.input(1) : null;
  }

  private Node producer(String value, String op) {
    return graph.producer(value).filter(node -> node.is(op)).orElse(null);
  }

  private Node onlyConsumer(String value, String op) {
    List<Node> readers = graph.consumers(value);
    boolean single = readers.size() == 1 && !graph.outputs().contains(value);
    return single && readers.get(0).is(op) ? readers.get(0) : null;
  }

  private static String other(Node binary, String one) {
    return binary.input(0).equals(one) ? binary.input(1) : binary.input(0);
  }

  private Optional<Double> scalar(String value) {
    Constant constant = graph.constants().get(value);
    return constant != null && constant.elements() == 1
        ? Optional.of(constant.toDoubles()[0])
        : Optional.empty();
  }

  private boolean isScalar(String value, double wanted) {
    return scalar(value).filter(found -> Math.abs(found - wanted) < CLOSE).isPresent();
  }
}
