package io.acclimate.runtime.graph;

import io.acclimate.runtime.AcclimateException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Builds a graph, or changes a copy of one. Types of results are inferred as nodes are added, so a
 * mistake is found where it is made.
 *
 * <p>Not thread-safe. Named operators are appended through {@link #ops()}, and what is there is
 * changed through {@link #edits()}.
 */
public final class GraphBuilder {
  /** The operator set of graphs that are written from nothing. */
  public static final long OPSET = 20;

  private static final Logger LOG = LoggerFactory.getLogger(GraphBuilder.class);

  final String name;
  private final Map<String, Long> opsets = new LinkedHashMap<>();
  private final Map<String, String> metadata = new LinkedHashMap<>();
  final Set<String> inputs = new LinkedHashSet<>();
  private final Set<String> outputs = new LinkedHashSet<>();
  final List<Node> nodes = new ArrayList<>();
  final Map<String, Constant> constants = new LinkedHashMap<>();
  final Map<String, ValueType> types = new LinkedHashMap<>();
  final Map<Constant, String> pooled = new HashMap<>();
  private final GraphNames names = new GraphNames();
  private final ShapeVectors vectors = new ShapeVectors(this);
  private final Ops ops = new Ops(this);
  private final GraphEdits edits = new GraphEdits(this);

  /** An empty graph. */
  public GraphBuilder(String name) {
    this.name = name;
    opsets.put("", OPSET);
  }

  /** A builder that starts with all of a graph. */
  static GraphBuilder from(ModelGraph graph) {
    GraphBuilder builder = new GraphBuilder(graph.name());
    builder.opsets.clear();
    builder.opsets.putAll(graph.opsets());
    builder.metadata.putAll(graph.metadata());
    builder.inputs.addAll(graph.inputs());
    builder.outputs.addAll(graph.outputs());
    builder.nodes.addAll(graph.nodes());
    graph.nodes().forEach(node -> builder.names.addNode(node.name()));
    builder.constants.putAll(graph.constants());
    builder.types.putAll(graph.types());
    builder.nodes.forEach(builder.vectors::follow);
    builder.types.keySet().forEach(builder.names::reserveStems);
    graph.nodes().forEach(node -> builder.names.reserveStems(node.name()));
    return builder;
  }

  /** The operators, each appending one node or a few. */
  public Ops ops() {
    return ops;
  }

  /** The changes of what is there already. */
  public GraphEdits edits() {
    return edits;
  }

  /** Adds an input; an error when the name is in use. */
  public String input(String input, ValueType type) {
    requireNew(input);
    inputs.add(input);
    types.put(input, type);
    return input;
  }

  /** Adds a constant under a name; an error when the name is in use. */
  public String constant(String constant, Constant value) {
    requireNew(constant);
    constants.put(constant, value);
    types.put(constant, value.type());
    return constant;
  }

  /** A constant under a name of the builder's choice; equal constants are added once. */
  public String constant(Constant value) {
    return pooled.computeIfAbsent(value, added -> constant(fresh("const"), added));
  }

  /** Refuses a name that is in use. */
  void requireNew(String value) {
    if (types.containsKey(value)) {
      throw new AcclimateException("graph " + name + ": the name '" + value + "' is in use");
    }
  }

  /** A value name that is not in use, made from a hint. */
  public String fresh(String hint) {
    return names.fresh(hint, types.keySet());
  }

  /** Keeps names that will be added later from being made up by {@link #fresh}. */
  public void reserve(Collection<String> reservedNames) {
    reservedNames.forEach(names::reserve);
  }

  /** Appends a node of ONNX's own operator set with one output. */
  public String node(String op, Attributes attributes, String... operands) {
    return nodes(op, attributes, 1, operands).get(0);
  }

  /** Appends a node of ONNX's own operator set. */
  public List<String> nodes(String op, Attributes attributes, int count, String... operands) {
    List<String> results = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      results.add(fresh(op));
    }
    return add(new Node(fresh(op + ".node"), op, "", List.of(operands), results, attributes));
  }

  /**
   * Appends a node.
   *
   * @return its outputs
   * @throws AcclimateException when it reads a value that does not exist, or its types do not fit
   */
  public List<String> add(Node node) {
    for (String operand : node.inputs()) {
      if (!operand.isEmpty() && !types.containsKey(operand)) {
        throw new AcclimateException(
            "%s: input '%s' does not exist in graph %s".formatted(node, operand, name));
      }
    }
    if (names.hasNode(node.name())) {
      throw new AcclimateException("graph " + name + " already has a node '" + node.name() + "'");
    }
    node.outputs().stream().filter(value -> !value.isEmpty()).forEach(this::requireNew);
    List<ValueType> results = ShapeInference.infer(node, this);
    for (int i = 0; i < node.outputs().size(); i++) {
      if (!node.outputs().get(i).isEmpty()) {
        types.put(node.outputs().get(i), results.get(i));
      }
    }
    vectors.follow(node);
    nodes.add(node);
    names.addNode(node.name());
    return node.outputs();
  }

  /**
   * Adds a node of a file, or one that reads values of a file whose types are open. Its results
   * have the declared types; where none is declared they are inferred, and left open when that
   * fails. Nothing is checked.
   */
  public void adopt(Node node, Map<String, ValueType> declared) {
    List<String> untyped =
        node.outputs().stream().filter(v -> !v.isEmpty() && !declared.containsKey(v)).toList();
    List<ValueType> inferred = List.of();
    if (!untyped.isEmpty()) {
      try {
        inferred = ShapeInference.infer(node, this);
      } catch (AcclimateException e) {
        LOG.debug("type left open: {}", e.getMessage());
      }
    }
    for (int i = 0; i < node.outputs().size(); i++) {
      String value = node.outputs().get(i);
      ValueType type = i < inferred.size() ? inferred.get(i) : declared.get(value);
      if (!value.isEmpty() && type != null) {
        types.put(value, type);
      }
    }
    vectors.follow(node);
    nodes.add(node);
    names.addNode(node.name());
  }

  /** What is known of the numbers that shape arithmetic computes. */
  ShapeVectors vectors() {
    return vectors;
  }

  /** A node name that is not in use: the given one where it is free. */
  String uniqueNodeName(String wanted) {
    return names.hasNode(wanted) ? fresh(wanted) : wanted;
  }

  /** Makes a value of a file an output, also when its type is open. */
  void outputOfFile(String value) {
    outputs.add(value);
  }

  /** Makes a value an output of the graph. */
  public void output(String value) {
    type(value);
    outputs.add(value);
  }

  /** Computes a value under a name of the caller's and makes it an output. */
  public void output(String outputName, String value) {
    add(
        new Node(
            fresh("Identity.node"),
            "Identity",
            "",
            List.of(value),
            List.of(outputName),
            Attributes.NONE));
    outputs.add(outputName);
  }

  /** Makes these values the only outputs. */
  public void setOutputs(List<String> values) {
    outputs.clear();
    values.forEach(this::output);
  }

  /** Sets a key-value pair of the file. */
  public void metadata(String key, String value) {
    metadata.put(key, value);
  }

  /** Sets the version of an operator set. */
  public void opset(String domain, long version) {
    opsets.put(domain, version);
  }

  /** The version of ONNX's own operator set. */
  public long opset() {
    return opsets.getOrDefault("", 0L);
  }

  /**
   * The type of a value.
   *
   * @throws AcclimateException when there is no such value
   */
  public ValueType type(String value) {
    ValueType type = types.get(value);
    if (type == null) {
      throw new AcclimateException("graph " + name + " has no value '" + value + "'");
    }
    return type;
  }

  /** Whether there is a value with this name. */
  public boolean has(String value) {
    return types.containsKey(value);
  }

  /** The constant with this name. */
  public Optional<Constant> constantValue(String value) {
    return Optional.ofNullable(constants.get(value));
  }

  /** Whole numbers of a value: a constant, or shape arithmetic that can be followed. */
  public Optional<long[]> knownLongs(String value) {
    return constants.containsKey(value)
        ? Optional.of(constants.get(value).toLongs())
        : vectors
            .of(value)
            .filter(entries -> entries.stream().allMatch(ShapeVectors.Entry::isFixed))
            .map(entries -> entries.stream().mapToLong(ShapeVectors.Entry::number).toArray());
  }

  /** The nodes added so far. */
  public List<Node> nodes() {
    return List.copyOf(nodes);
  }

  /**
   * The graph: nodes in an order in which they can run, without those that no output needs.
   *
   * @throws AcclimateException when nodes read each other in a circle
   */
  public ModelGraph build() {
    List<Node> needed = orderedNodes(outputs);
    Set<String> read = new LinkedHashSet<>(outputs);
    needed.forEach(node -> read.addAll(node.inputs()));
    Map<String, Constant> kept = new LinkedHashMap<>(constants);
    kept.keySet().retainAll(read);
    Set<String> known = new LinkedHashSet<>(inputs);
    known.addAll(kept.keySet());
    needed.forEach(node -> known.addAll(node.outputs()));
    Map<String, ValueType> keptTypes = new LinkedHashMap<>(types);
    keptTypes.keySet().retainAll(known);
    return new ModelGraph(
        new ModelGraph.Parts(
            name,
            opsets,
            metadata,
            List.copyOf(inputs),
            List.copyOf(outputs),
            needed,
            kept,
            keptTypes));
  }

  /**
   * The nodes that some values need, in an order in which they can run.
   *
   * @throws AcclimateException when nodes read each other in a circle
   */
  public List<Node> orderedNodes(Collection<String> values) {
    return NodeOrder.of(name, nodes, values);
  }
}
