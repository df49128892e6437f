package io.acclimate.runtime.sites;

import io.acclimate.runtime.graph.Constant;
import io.acclimate.runtime.graph.ModelGraph;
import io.acclimate.runtime.graph.Node;
import io.acclimate.runtime.graph.Shape;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/** Questions about the surroundings of a value that the finders of sites share. */
final class GraphWalk {
  private static final Set<String> PLAIN = Set.of("Identity", "Cast", "Dropout");

  private final ModelGraph graph;
  private final Map<Node, Integer> order = new HashMap<>();

  GraphWalk(ModelGraph graph) {
    this.graph = graph;
    graph.nodes().forEach(node -> order.put(node, order.size()));
  }

  ModelGraph graph() {
    return graph;
  }

  /** The place of a node in the order in which nodes run. */
  int order(Node node) {
    return order.get(node);
  }

  Shape shape(String value) {
    return graph.type(value).shape();
  }

  boolean isConstant(String value) {
    return graph.constants().containsKey(value);
  }

  Optional<Constant> constant(String value) {
    return Optional.ofNullable(graph.constants().get(value));
  }

  /** The number that a constant with one element holds. */
  Optional<Double> scalar(String value) {
    return constant(value).filter(c -> c.elements() == 1).map(c -> c.toDoubles()[0]);
  }

  Optional<Node> producer(String value, String op) {
    return graph.producer(value).filter(node -> node.is(op));
  }

  /** The only node that reads a value which is no output of the graph. */
  Optional<Node> onlyReader(String value) {
    List<Node> readers = graph.consumers(value);
    return readers.size() == 1 && !graph.outputs().contains(value)
        ? Optional.of(readers.get(0))
        : Optional.empty();
  }

  /** The place of the one operand that is a constant, when the other one is none; else -1. */
  int constantOperand(Node binary) {
    if (binary.inputs().size() != 2) {
      return -1;
    }
    boolean first = isConstant(binary.input(0));
    boolean second = isConstant(binary.input(1));
    return first == second ? -1 : first ? 0 : 1;
  }

  /** The operand of a binary node that is not this one. */
  static String other(Node binary, String one) {
    return binary.input(0).equals(one) ? binary.input(1) : binary.input(0);
  }

  /** The value before rows were flattened for a matrix product: its last axis is the same. */
  String unflattened(String rows) {
    String value = rows;
    Optional<Node> node = graph.producer(value);
    while (node.isPresent() && (isPlain(node.get()) || keepsFeatures(node.get()))) {
      value = node.get().input(0);
      node = graph.producer(value);
    }
    return value;
  }

  /** The value after the rows of a matrix product got their axes back. */
  String restored(String rows) {
    String value = rows;
    Optional<Node> reader = onlyReader(value);
    while (reader.isPresent() && (isPlain(reader.get()) || keepsFeatures(reader.get()))) {
      value = reader.get().output();
      reader = onlyReader(value);
    }
    return value;
  }

  private static boolean isPlain(Node node) {
    return node.domain().isEmpty() && PLAIN.contains(node.op());
  }

  private boolean keepsFeatures(Node node) {
    if (!node.is("Reshape")) {
      return false;
    }
    Shape before = shape(node.input(0));
    Shape after = shape(node.output());
    return before.rank() > 0 && after.rank() > 0 && before.dim(-1).equals(after.dim(-1));
  }

  /**
   * Goes from a value up through nodes that fit.
   *
   * @param ends values at which the way ends
   * @return the ends that were reached and, under {@link Above#open()}, whether the way led to
   *     another value that is no constant
   */
  Above above(String value, Predicate<Node> passes, Predicate<String> ends) {
    Set<String> reached = new LinkedHashSet<>();
    Set<Node> passed = new LinkedHashSet<>();
    boolean open = false;
    Deque<String> queue = new ArrayDeque<>(List.of(value));
    Set<String> seen = new LinkedHashSet<>(queue);
    while (!queue.isEmpty()) {
      String next = queue.remove();
      Optional<Node> node = graph.producer(next);
      if (ends.test(next)) {
        reached.add(next);
      } else if (node.isPresent() && passes.test(node.get())) {
        passed.add(node.get());
        node.get().inputs().stream()
            .filter(operand -> !operand.isEmpty() && !isConstant(operand) && seen.add(operand))
            .forEach(queue::add);
      } else {
        open = true;
      }
    }
    return new Above(reached, passed, open);
  }

  /** What lies above a value; see {@link #above}. */
  record Above(Set<String> ends, Set<Node> passed, boolean open) {}
}
