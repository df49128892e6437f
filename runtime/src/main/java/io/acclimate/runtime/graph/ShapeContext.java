package io.acclimate.runtime.graph;

import io.acclimate.runtime.AcclimateException;
import java.util.Optional;

/** What a {@link ShapeRule} may ask about the node whose results it types. */
public final class ShapeContext {
  private final Node node;
  private final GraphBuilder graph;

  ShapeContext(Node node, GraphBuilder graph) {
    this.node = node;
    this.graph = graph;
  }

  /** The node. */
  public Node node() {
    return node;
  }

  /** The node's attributes. */
  public Attributes attributes() {
    return node.attributes();
  }

  /** The type of an input that is given. */
  public ValueType type(int input) {
    if (!node.hasInput(input)) {
      throw new AcclimateException("input " + input + " is missing");
    }
    return graph.type(node.input(input));
  }

  /** The shape of an input that is given. */
  public Shape shape(int input) {
    return type(input).shape();
  }

  /** The values of an input that is a constant. */
  public Optional<Constant> constant(int input) {
    return node.hasInput(input) ? graph.constantValue(node.input(input)) : Optional.empty();
  }

  /** Whole numbers of an input that has to be a constant. */
  public long[] longs(int input) {
    return constant(input)
        .orElseThrow(
            () ->
                new AcclimateException(
                    "input %d ('%s') is no constant, so the shape of the result is not known"
                        .formatted(input, node.input(input))))
        .toLongs();
  }

  /** Whole numbers from an input, or from the attribute that older operator sets had; or null. */
  public long[] longs(int input, String attribute) {
    return node.hasInput(input) ? longs(input) : node.attributes().integers(attribute);
  }

  /** A dimension that nothing else shares. */
  public Dim unknown(String what) {
    return Dim.symbol(node.name() + "." + what);
  }

  /** The number of results that the node has. */
  public int results() {
    return node.outputs().size();
  }
}
