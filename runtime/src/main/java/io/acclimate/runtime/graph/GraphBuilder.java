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
 * <p>Not thread-safe. Named operators are appended through {@link #ops()}.
 */
public final class GraphBuilder {
  /** The operator set of graphs that are written from nothing. */
  public static final long OPSET = 20;

  private static final Logger LOG = LoggerFactory.getLogger(GraphBuilder.class);

  private final String name;
  private final Map<String, Long> opsets = new LinkedHashMap<>();
  private final Map<String, String> metadata = new LinkedHashMap<>();
  private final Set<String> inputs = new LinkedHashSet<>();
  private final Set<String> outputs = new LinkedHashSet<>();
  private final List<Node> nodes = new ArrayList<>();
  private final Map<String, Constant> constants = new LinkedHashMap<>();
  private final Map<String, ValueType> types = new LinkedHashMap<>();
  private final Map<Constant, String> pooled = new HashMap<>();
  private final GraphNames names = new GraphNames();
  private final ShapeVectors vectors = new ShapeVectors(this);
  private final Ops ops = new Ops(this);

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

  private void requireNew(String value) {
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
   * Lets nodes read another value instead of one: how a patch is hung into a graph. The graph's
   * outputs keep their names.
   *
   * @param readers the names of the nodes to change
   */
  public void redirect(String from, String to, Set<String> readers) {
    ValueType before = type(from);
    if (!before.equals(type(to))) {
      throw new AcclimateException(
          "graph %s: cannot put '%s' %s in the place of '%s' %s"
              .formatted(name, to, type(to), from, before));
    }
    nodes.replaceAll(
        node ->
            readers.contains(node.name())
                ? node.withInputs(node.inputs().stream().map(v -> v.equals(from) ? to : v).toList())
                : node);
  }

  /** Gives the result of a node another name, wherever it is read; outputs keep their names. */
  public void rename(String from, String to) {
    ValueType type = type(from);
    requireNew(to);
    if (inputs.contains(from) || constants.containsKey(from)) {
      throw new AcclimateException(
          "graph %s: '%s' is no result of a node and cannot be renamed".formatted(name, from));
    }
    nodes.replaceAll(
        node ->
            node.inputs().contains(from) || node.outputs().contains(from)
                ? node.withInputs(renamed(node.inputs(), from, to))
                    .withOutputs(renamed(node.outputs(), from, to))
                : node);
    types.remove(from);
    types.put(to, type);
  }

  private static List<String> renamed(List<String> values, String from, String to) {
    return values.stream().map(value -> value.equals(from) ? to : value).toList();
  }

  /** Makes an input a constant; an error when its type differs. */
  public void bind(String input, Constant value) {
    if (!inputs.contains(input) || !accepts(type(input), value.type())) {
      throw new AcclimateException(
          "graph %s: cannot make '%s' a constant %s".formatted(name, input, value.type()));
    }
    inputs.remove(input);
    constants.put(input, value);
    types.put(input, value.type());
  }

  private static boolean accepts(ValueType open, ValueType fixed) {
    return open.type() == fixed.type() && open.shape().admits(fixed.shape());
  }

  /** Replaces a node by one with the same outputs. */
  public void replace(String nodeName, Node replacement) {
    for (int i = 0; i < nodes.size(); i++) {
      if (nodes.get(i).name().equals(nodeName)) {
        nodes.set(i, replacement);
        return;
      }
    }
    throw noSuchNode(nodeName);
  }

  private AcclimateException noSuchNode(String nodeName) {
    return new AcclimateException("graph " + name + " has no node '" + nodeName + "'");
  }

  /**
   * Lets a node write optional results that it leaves out, such as the statistics of a
   * normalisation.
   *
   * @param count how many results it has to write
   * @return its results, at least {@code count}
   */
  public List<String> completeOutputs(String nodeName, int count) {
    Node node =
        nodes.stream()
            .filter(candidate -> candidate.name().equals(nodeName))
            .findFirst()
            .orElseThrow(() -> noSuchNode(nodeName));
    List<String> results = new ArrayList<>(node.outputs());
    for (int i = 0; i < count; i++) {
      if (i >= results.size()) {
        results.add(fresh(node.op()));
      } else if (results.get(i).isEmpty()) {
        results.set(i, fresh(node.op()));
      }
    }
    Node completed = node.withOutputs(results);
    List<ValueType> inferred = ShapeInference.infer(completed, this);
    for (int i = 0; i < count; i++) {
      types.putIfAbsent(results.get(i), inferred.get(i));
    }
    replace(nodeName, completed);
    return results;
  }

  /**
   * Makes a constant an input of the same name and type, so that it can be trained.
   *
   * @return the constant's value: where training starts
   */
  public Constant lift(String constant) {
    Constant value = constants.remove(constant);
    if (value == null) {
      throw new AcclimateException("graph " + name + " has no constant '" + constant + "'");
    }
    pooled.remove(value);
    inputs.add(constant);
    return value;
  }

  /** Replaces the value of a constant by one of the same type. */
  public void replaceConstant(String constant, Constant value) {
    if (!value.type().equals(type(constant)) || !constants.containsKey(constant)) {
      throw new AcclimateException(
          "graph %s: cannot put %s in the place of constant '%s'"
              .formatted(name, value.type(), constant));
    }
    constants.put(constant, value);
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
