package io.acclimate.runtime.autodiff;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.graph.Attributes;
import io.acclimate.runtime.graph.Node;
import io.acclimate.runtime.graph.Ops;
import io.acclimate.runtime.graph.Shape;
import io.acclimate.runtime.graph.ValueType;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What a {@link GradientRule} sees of the node that it differentiates. */
public final class BackwardContext {
  private final Node node;
  private final Ops ops;
  private final Map<String, String> outputGradients;
  private final Set<String> wanted;
  private final GradientSums sums;

  BackwardContext(
      Node node,
      Ops ops,
      Map<String, String> outputGradients,
      Set<String> wanted,
      GradientSums sums) {
    this.node = node;
    this.ops = ops;
    this.outputGradients = outputGradients;
    this.wanted = wanted;
    this.sums = sums;
  }

  /** The node. */
  public Node node() {
    return node;
  }

  /** The node's attributes. */
  public Attributes attributes() {
    return node.attributes();
  }

  /** Appends operators to the graph. */
  public Ops ops() {
    return ops;
  }

  /** The name of an operand. */
  public String input(int index) {
    return node.input(index);
  }

  /** The name of the first result. */
  public String output() {
    return node.output();
  }

  /** The type of an operand. */
  public ValueType type(int input) {
    return ops.type(input(input));
  }

  /** The shape of an operand. */
  public Shape shape(int input) {
    return type(input).shape();
  }

  /** The gradient of the loss with respect to the first result. */
  public String gradient() {
    return gradient(0).orElseThrow();
  }

  /** The gradient of the loss with respect to a result; empty when the loss does not use it. */
  public Optional<String> gradient(int output) {
    return output < node.outputs().size()
        ? Optional.ofNullable(outputGradients.get(node.outputs().get(output)))
        : Optional.empty();
  }

  /** Whether the gradient of an operand is asked for. */
  public boolean wants(int input) {
    return wanted.contains(node.input(input));
  }

  /** Whole numbers of an operand that has to be known, as a constant is. */
  public long[] longs(int input) {
    return ops.graph()
        .knownLongs(input(input))
        .orElseThrow(
            () ->
                new AcclimateException(
                    "%s: input %d has to be known to be differentiated".formatted(node, input)));
  }

  /**
   * Gives an operand its share of the gradient; shares of one value are added up.
   *
   * @param gradient a value with the operand's type; a broadcast of it is summed back
   */
  public void give(int input, String gradient) {
    Shape target = shape(input);
    String summed = ops.sumTo(gradient, target);
    if (!ops.shape(summed).equals(target) || ops.type(summed).type() != type(input).type()) {
      throw new AcclimateException(
          "%s: expected a gradient %s for input %d, found %s"
              .formatted(node, type(input), input, ops.type(gradient)));
    }
    sums.add(input(input), summed);
  }
}
