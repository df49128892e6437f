package io.acclimate.runtime.autodiff;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.graph.Constant;
import io.acclimate.runtime.graph.GraphBuilder;
import io.acclimate.runtime.graph.Node;
import io.acclimate.runtime.graph.Ops;
import io.acclimate.runtime.graph.ValueType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reverse-mode differentiation: appends the backward graph of a loss to a graph under construction.
 *
 * <p>Only nodes that lie between the parameters and the loss are differentiated; nothing below the
 * first parameter is touched. The result is plain ONNX and can be differentiated again.
 */
public final class Autodiff {
  private final GraphBuilder graph;
  private final GradientRules rules;

  private Autodiff(GraphBuilder graph, GradientRules rules) {
    this.graph = graph;
    this.rules = rules;
  }

  /**
   * Differentiates with the built-in rules; see {@link #gradients(GraphBuilder, Map, Collection,
   * GradientRules)}.
   */
  public static Map<String, String> gradients(
      GraphBuilder graph, String loss, Collection<String> parameters) {
    return gradients(graph, loss, parameters, GradientRules.builtInRules());
  }

  /**
   * Appends the gradient of a scalar loss.
   *
   * @param loss a value with one element
   * @param parameters values of floating-point type, each of which the loss depends on
   * @return for each parameter the value that holds its gradient, of the parameter's type
   * @throws AcclimateException when an operator on the way has no rule; the message names it and
   *     the path to the parameter
   */
  public static Map<String, String> gradients(
      GraphBuilder graph, String loss, Collection<String> parameters, GradientRules rules) {
    ValueType type = graph.type(loss);
    if (type.shape().elements() != 1) {
      throw new AcclimateException(
          "expected a loss with one element, found '" + loss + "' " + type);
    }
    double[] one = {1};
    String seed = graph.constant(Constant.ofDoubles(type.type(), one, type.shape().sizes()));
    return gradients(graph, Map.of(loss, seed), parameters, rules);
  }

  /**
   * Appends a vector-Jacobian product: the gradient of the sum of each value times its seed.
   *
   * @param seeds for each differentiated value the value that holds its outer gradient, of the same
   *     type
   */
  public static Map<String, String> gradients(
      GraphBuilder graph,
      Map<String, String> seeds,
      Collection<String> parameters,
      GradientRules rules) {
    return new Autodiff(graph, rules).run(seeds, parameters);
  }

  private Map<String, String> run(Map<String, String> seeds, Collection<String> parameters) {
    List<Node> nodes = graph.orderedNodes(seeds.keySet());
    Set<String> active = active(nodes, parameters);
    Ops ops = graph.ops();
    GradientSums sums = new GradientSums(ops);
    seeds.forEach(sums::add);
    for (int i = nodes.size() - 1; i >= 0; i--) {
      backward(nodes.get(i), nodes, active, parameters, sums);
    }
    Map<String, String> gradients = new LinkedHashMap<>();
    for (String parameter : parameters) {
      String gradient =
          sums.of(parameter)
              .orElseThrow(
                  () ->
                      new AcclimateException(
                          "no gradient reaches '%s' from %s".formatted(parameter, seeds.keySet())));
      gradients.put(parameter, gradient);
    }
    return gradients;
  }

  /** The values that depend on a parameter, as far as gradients pass. */
  private Set<String> active(List<Node> nodes, Collection<String> parameters) {
    Set<String> active = new HashSet<>();
    for (String parameter : parameters) {
      if (!graph.type(parameter).type().isFloating()) {
        throw new AcclimateException(
            "'%s' %s: expected floating-point numbers to differentiate by"
                .formatted(parameter, graph.type(parameter)));
      }
      active.add(parameter);
    }
    for (Node node : nodes) {
      if (node.inputs().stream().anyMatch(active::contains)) {
        node.outputs().stream()
            .filter(value -> !value.isEmpty() && graph.type(value).type().isFloating())
            .forEach(active::add);
      }
    }
    return active;
  }

  private void backward(
      Node node,
      List<Node> nodes,
      Set<String> active,
      Collection<String> parameters,
      GradientSums sums) {
    if (node.inputs().stream().noneMatch(active::contains)) {
      return;
    }
    Map<String, String> outputGradients = new HashMap<>();
    for (String output : node.outputs()) {
      if (active.contains(output)) {
        sums.of(output).ifPresent(gradient -> outputGradients.put(output, gradient));
      }
    }
    if (outputGradients.isEmpty()) {
      return;
    }
    GradientRule rule =
        rules
            .find(node)
            .orElseThrow(
                () ->
                    new AcclimateException(
                        "operator %s has no gradient rule: node '%s' lies on the path %s"
                            .formatted(
                                node.qualifiedOp(),
                                node.name(),
                                path(node, nodes, active, parameters))));
    rule.backward(new BackwardContext(node, graph.ops(), outputGradients, active, sums));
  }

  /** From a parameter to the node, for errors. */
  private static String path(
      Node end, List<Node> nodes, Set<String> active, Collection<String> parameters) {
    Map<String, Node> producers = new HashMap<>();
    nodes.forEach(node -> node.outputs().forEach(value -> producers.put(value, node)));
    List<String> path = new ArrayList<>();
    Node node = end;
    while (node != null) {
      path.add(0, node.op() + " '" + node.name() + "'");
      String value = node.inputs().stream().filter(active::contains).findFirst().orElseThrow();
      if (parameters.contains(value)) {
        path.add(0, "'" + value + "'");
        break;
      }
      node = producers.get(value);
    }
    return String.join(" -> ", path);
  }

  /** Whether every operator of these nodes has a rule; those without one, sorted. */
  public static List<String> withoutRule(Collection<Node> nodes, GradientRules rules) {
    String[] missing =
        nodes.stream()
            .filter(node -> rules.find(node).isEmpty())
            .map(Node::qualifiedOp)
            .distinct()
            .toArray(String[]::new);
    Arrays.sort(missing);
    return List.of(missing);
  }
}
