package io.acclimate.runtime.graph;

import io.acclimate.runtime.AcclimateException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Brings nodes into an order in which they can run. One graph, one instance. */
final class NodeOrder {
  private final String graph;
  private final Map<String, Node> producers = new HashMap<>();
  private final Set<Node> done = Collections.newSetFromMap(new IdentityHashMap<>());
  private final Set<Node> open = Collections.newSetFromMap(new IdentityHashMap<>());
  private final List<Node> depthFirst = new ArrayList<>();
  private final Deque<Node> stack = new ArrayDeque<>();

  private NodeOrder(String graph, List<Node> nodes) {
    this.graph = graph;
    nodes.forEach(node -> node.outputs().forEach(value -> producers.put(value, node)));
    producers.remove("");
  }

  /**
   * The nodes that some values need. The given order is kept where it can run; else it is depth
   * first from the values.
   *
   * @param graph what errors call the graph
   * @throws AcclimateException when nodes read each other in a circle
   */
  static List<Node> of(String graph, List<Node> nodes, Collection<String> values) {
    NodeOrder order = new NodeOrder(graph, nodes);
    values.forEach(order::visit);
    List<Node> asGiven = nodes.stream().filter(order.done::contains).toList();
    return canRun(asGiven) ? asGiven : order.depthFirst;
  }

  private void visit(String value) {
    push(producers.get(value));
    while (!stack.isEmpty()) {
      Node node = stack.peek();
      if (open.add(node)) {
        node.inputs().forEach(operand -> pushOperand(node, producers.get(operand)));
      } else {
        stack.pop();
        if (done.add(node)) {
          depthFirst.add(node);
        }
      }
    }
  }

  private void pushOperand(Node reader, Node producer) {
    if (producer != null && open.contains(producer) && !done.contains(producer)) {
      throw new AcclimateException("graph " + graph + ": a circle runs through " + reader);
    }
    push(producer);
  }

  private void push(Node node) {
    if (node != null && !done.contains(node)) {
      stack.push(node);
    }
  }

  /** Whether each node comes after those it reads. */
  private static boolean canRun(List<Node> order) {
    Set<String> later = new HashSet<>();
    order.forEach(node -> later.addAll(node.outputs()));
    later.remove("");
    for (Node node : order) {
      if (node.inputs().stream().anyMatch(later::contains)) {
        return false;
      }
      node.outputs().forEach(later::remove);
    }
    return true;
  }
}
