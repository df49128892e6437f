package io.acclimate.runtime.graph;

import io.acclimate.runtime.AcclimateException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Changes what a {@link GraphBuilder} has already: how patches are hung into a graph, constants are
 * made inputs and inputs constants. Each names what it does not find in an {@link
 * AcclimateException}. Not thread-safe.
 */
public final class GraphEdits {
  private final GraphBuilder graph;

  GraphEdits(GraphBuilder graph) {
    this.graph = graph;
  }

  /**
   * Lets nodes read another value instead of one: how a patch is hung into a graph. The graph's
   * outputs keep their names.
   *
   * @param readers the names of the nodes to change
   */
  public void redirect(String from, String to, Set<String> readers) {
    ValueType before = graph.type(from);
    if (!before.equals(graph.type(to))) {
      throw new AcclimateException(
          "graph %s: cannot put '%s' %s in the place of '%s' %s"
              .formatted(graph.name, to, graph.type(to), from, before));
    }
    graph.nodes.replaceAll(
        node ->
            readers.contains(node.name())
                ? node.withInputs(node.inputs().stream().map(v -> v.equals(from) ? to : v).toList())
                : node);
  }

  /** Gives the result of a node another name, wherever it is read; outputs keep their names. */
  public void rename(String from, String to) {
    ValueType type = graph.type(from);
    graph.requireNew(to);
    if (graph.inputs.contains(from) || graph.constants.containsKey(from)) {
      throw new AcclimateException(
          "graph %s: '%s' is no result of a node and cannot be renamed"
              .formatted(graph.name, from));
    }
    graph.nodes.replaceAll(
        node ->
            node.inputs().contains(from) || node.outputs().contains(from)
                ? node.withInputs(renamed(node.inputs(), from, to))
                    .withOutputs(renamed(node.outputs(), from, to))
                : node);
    graph.types.remove(from);
    graph.types.put(to, type);
  }

  private static List<String> renamed(List<String> values, String from, String to) {
    return values.stream().map(value -> value.equals(from) ? to : value).toList();
  }

  /** Makes an input a constant; an error when its type differs. */
  public void bind(String input, Constant value) {
    if (!graph.inputs.contains(input) || !accepts(graph.type(input), value.type())) {
      throw new AcclimateException(
          "graph %s: cannot make '%s' a constant %s".formatted(graph.name, input, value.type()));
    }
    graph.inputs.remove(input);
    graph.constants.put(input, value);
    graph.types.put(input, value.type());
  }

  private static boolean accepts(ValueType open, ValueType fixed) {
    return open.type() == fixed.type() && open.shape().admits(fixed.shape());
  }

  /** Replaces a node by one with the same outputs. */
  public void replace(String nodeName, Node replacement) {
    for (int i = 0; i < graph.nodes.size(); i++) {
      if (graph.nodes.get(i).name().equals(nodeName)) {
        graph.nodes.set(i, replacement);
        return;
      }
    }
    throw noSuchNode(nodeName);
  }

  private AcclimateException noSuchNode(String nodeName) {
    return new AcclimateException("graph " + graph.name + " has no node '" + nodeName + "'");
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
        graph.nodes.stream()
            .filter(candidate -> candidate.name().equals(nodeName))
            .findFirst()
            .orElseThrow(() -> noSuchNode(nodeName));
    List<String> results = new ArrayList<>(node.outputs());
    for (int i = 0; i < count; i++) {
      if (i >= results.size()) {
        results.add(graph.fresh(node.op()));
      } else if (results.get(i).isEmpty()) {
        results.set(i, graph.fresh(node.op()));
      }
    }
    Node completed = node.withOutputs(results);
    List<ValueType> inferred = ShapeInference.infer(completed, graph);
    for (int i = 0; i < count; i++) {
      graph.types.putIfAbsent(results.get(i), inferred.get(i));
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
    Constant value = graph.constants.remove(constant);
    if (value == null) {
      throw new AcclimateException("graph " + graph.name + " has no constant '" + constant + "'");
    }
    graph.pooled.remove(value);
    graph.inputs.add(constant);
    return value;
  }

  /** Replaces the value of a constant by one of the same type. */
  public void replaceConstant(String constant, Constant value) {
    if (!value.type().equals(graph.type(constant)) || !graph.constants.containsKey(constant)) {
      throw new AcclimateException(
          "graph %s: cannot put %s in the place of constant '%s'"
              .formatted(graph.name, value.type(), constant));
    }
    graph.constants.put(constant, value);
  }
}
