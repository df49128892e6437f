package io.acclimate.runtime.graph;

import io.acclimate.runtime.AcclimateException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * An ONNX graph as an immutable value: nodes in an order in which they can run, typed values,
 * constants by reference.
 *
 * <p>Safe to share between threads. Made by {@link OnnxFormat} or by a {@link GraphBuilder}.
 */
public final class ModelGraph {
  private final String name;
  private final Map<String, Long> opsets;
  private final Map<String, String> metadata;
  private final List<String> inputs;
  private final List<String> outputs;
  private final List<Node> nodes;
  private final Map<String, Constant> constants;
  private final Map<String, ValueType> types;
  private final Map<String, Node> producers = new HashMap<>();
  private final Map<String, List<Node>> consumers = new HashMap<>();

  /** The parts of a graph, as a builder has them. */
  record Parts(
      String name,
      Map<String, Long> opsets,
      Map<String, String> metadata,
      List<String> inputs,
      List<String> outputs,
      List<Node> nodes,
      Map<String, Constant> constants,
      Map<String, ValueType> types) {}

  ModelGraph(Parts parts) {
    this.name = parts.name();
    this.opsets = Collections.unmodifiableMap(new LinkedHashMap<>(parts.opsets()));
    this.metadata = Collections.unmodifiableMap(new LinkedHashMap<>(parts.metadata()));
    this.inputs = List.copyOf(parts.inputs());
    this.outputs = List.copyOf(parts.outputs());
    this.nodes = List.copyOf(parts.nodes());
    this.constants = Collections.unmodifiableMap(new LinkedHashMap<>(parts.constants()));
    this.types = Collections.unmodifiableMap(new LinkedHashMap<>(parts.types()));
    for (Node node : nodes) {
      node.outputs().forEach(value -> producers.put(value, node));
      node.inputs().stream()
          .distinct()
          .forEach(value -> consumers.computeIfAbsent(value, key -> new ArrayList<>()).add(node));
    }
  }

  /** The graph's name. */
  public String name() {
    return name;
  }

  /** The version of each operator set, by domain; {@code ""} is ONNX's own. */
  public Map<String, Long> opsets() {
    return opsets;
  }

  /** The version of ONNX's own operator set. */
  public long opset() {
    return opsets.getOrDefault("", 0L);
  }

  /** The file's own key-value pairs. */
  public Map<String, String> metadata() {
    return metadata;
  }

  /** The names of the values that a caller gives, in order. */
  public List<String> inputs() {
    return inputs;
  }

  /** The names of the values that a caller gets, in order. */
  public List<String> outputs() {
    return outputs;
  }

  /** The nodes, each after those whose outputs it reads. */
  public List<Node> nodes() {
    return nodes;
  }

  /** The constants (ONNX: initialisers) by name. */
  public Map<String, Constant> constants() {
    return constants;
  }

  /** The types of all values whose type is known. */
  public Map<String, ValueType> types() {
    return types;
  }

  /**
   * The type of a value.
   *
   * @throws AcclimateException when it is not known
   */
  public ValueType type(String value) {
    ValueType type = types.get(value);
    if (type == null) {
      throw new AcclimateException("graph " + name + ": the type of '" + value + "' is not known");
    }
    return type;
  }

  /** The node that writes a value; empty for inputs and constants. */
  public Optional<Node> producer(String value) {
    return Optional.ofNullable(producers.get(value));
  }

  /** The nodes that read a value, in the order in which they run. */
  public List<Node> consumers(String value) {
    return Collections.unmodifiableList(consumers.getOrDefault(value, List.of()));
  }

  /** Whether every value has a known type with fixed sizes. */
  public boolean isStatic() {
    return nodes.stream()
        .flatMap(node -> node.outputs().stream())
        .filter(value -> !value.isEmpty())
        .allMatch(value -> types.containsKey(value) && types.get(value).shape().isStatic());
  }

  /** A builder that starts with all of this graph. */
  public GraphBuilder toBuilder() {
    return GraphBuilder.from(this);
  }

  @Override
  public String toString() {
    return "%s: %d nodes, %d constants, inputs %s, outputs %s"
        .formatted(name, nodes.size(), constants.size(), inputs, outputs);
  }
}
