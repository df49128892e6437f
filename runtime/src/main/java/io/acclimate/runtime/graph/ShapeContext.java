package io.acclimate.runtime.graph;

import io.acclimate.runtime.AcclimateException;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

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

  /** Whole numbers of an input that has to be known. */
  public long[] longs(int input) {
    return knownLongs(input)
        .orElseThrow(
            () ->
                new AcclimateException(
                    "input %d ('%s') is no constant, so the shape of the result is not known"
                        .formatted(input, node.input(input))));
  }

  /** Whole numbers of an input: a constant, or shape arithmetic that can be followed. */
  public Optional<long[]> knownLongs(int input) {
    return node.hasInput(input) ? graph.knownLongs(node.input(input)) : Optional.empty();
  }

  /** What is known of the numbers of an input that holds sizes; empty when nothing is. */
  Optional<List<ShapeVectors.Entry>> entries(int input) {
    return node.hasInput(input) ? graph.vectors().of(node.input(input)) : Optional.empty();
  }

  /** The dimensions that an input lists: as far as they are known, else new symbols. */
  List<Dim> dims(int input) {
    Optional<List<ShapeVectors.Entry>> entries = entries(input);
    if (entries.isPresent()) {
      List<ShapeVectors.Entry> sizes = entries.get();
      if (!sizes.stream().allMatch(ShapeVectors.Entry::isSize)) {
        throw new AcclimateException(
            "expected sizes in input %d, found %s".formatted(input, sizes));
      }
      return sizes.stream().map(ShapeVectors.Entry::toDim).toList();
    }
    long rank = shape(input).rank() == 1 ? shape(input).size(0) : -1;
    if (rank < 0) {
      throw new AcclimateException("the rank of the result is not known");
    }
    return IntStream.range(0, (int) rank).mapToObj(axis -> unknown("dim" + axis)).toList();
  }

  /** The dimension that an input with one number gives: a new symbol where it is not known. */
  Dim dim(int input) {
    return entries(input)
        .filter(entries -> entries.size() == 1 && entries.get(0).isSize())
        .map(entries -> entries.get(0).toDim())
        .orElseGet(() -> unknown("size"));
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
