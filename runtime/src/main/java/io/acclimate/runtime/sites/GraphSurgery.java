package io.acclimate.runtime.sites;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.graph.GraphBuilder;
import io.acclimate.runtime.graph.ModelGraph;
import io.acclimate.runtime.graph.Node;
import io.acclimate.runtime.graph.ValueType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Hangs patches into a copy of a graph. A patch is a sub-graph that reads values of the model and
 * puts others in their place; patches can be hung one upon the other, and each sees what the
 * earlier ones made of a value.
 *
 * <p>The graph's nodes, constants and outputs keep their names. Not thread-safe.
 */
public final class GraphSurgery {
  private final GraphBuilder builder;
  private final Map<String, String> current = new HashMap<>();
  private final Set<String> changedOutputs = new LinkedHashSet<>();
  private final List<String> outputs;

  /** Starts with a graph, which stays as it is. */
  public GraphSurgery(ModelGraph graph) {
    builder = graph.toBuilder();
    outputs = new ArrayList<>(graph.outputs());
  }

  /** Adds an input for a parameter of a patch; an error when the name is in use. */
  public String parameter(String name, ValueType type) {
    return builder.input(name, type);
  }

  /** What the patches so far have put in the place of a value of the model. */
  public String current(String value) {
    return current.getOrDefault(value, value);
  }

  /**
   * Hangs one patch.
   *
   * @param body writes its nodes and says what they replace
   * @throws AcclimateException when types do not fit
   */
  public void hang(Consumer<Patch> body) {
    body.accept(new Patch(this, builder));
  }

  /** Puts a value in the place of one of the model's, for these readers or for everybody. */
  void replace(String value, String replacement, Set<String> readers, boolean everywhere) {
    String old = current(value);
    requireFit(old, replacement);
    if (everywhere && outputs.contains(value) && changedOutputs.add(value)) {
      old = builder.fresh(value + ".frozen");
      builder.edits().rename(value, old);
    }
    builder.edits().redirect(old, replacement, readers);
    if (everywhere) {
      current.put(value, replacement);
    }
  }

  private void requireFit(String old, String replacement) {
    if (!builder.type(old).equals(builder.type(replacement))) {
      throw new AcclimateException(
          "a patch puts '%s' %s in the place of '%s' %s: expected equal types"
              .formatted(replacement, builder.type(replacement), old, builder.type(old)));
    }
  }

  /** Makes a value an output under a name; an output of that name gives way. */
  void output(String name, String value) {
    if (outputs.contains(name)) {
      if (!changedOutputs.remove(name)) {
        builder.edits().rename(name, builder.fresh(name + ".frozen"));
      }
    } else {
      outputs.add(name);
    }
    builder.output(name, value);
  }

  /** The present operand at a place. */
  String operand(ConstantUse use) {
    return node(use.node()).input(use.operand());
  }

  /** Lets one node read another value at one place. */
  void replaceOperand(ConstantUse use, String value) {
    requireFit(operand(use), value);
    Node node = node(use.node());
    List<String> operands = new ArrayList<>(node.inputs());
    operands.set(use.operand(), value);
    builder.edits().replace(node.name(), node.withInputs(operands));
  }

  private Node node(String name) {
    return builder.nodes().stream()
        .filter(node -> node.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new AcclimateException("the graph has no node '" + name + "'"));
  }

  /** The names of all nodes that there are now. */
  Set<String> nodeNames() {
    return builder.nodes().stream().map(Node::name).collect(Collectors.toSet());
  }

  /** The patched graph. */
  public ModelGraph build() {
    for (String output : changedOutputs) {
      builder.output(output, current(output));
    }
    changedOutputs.clear();
    builder.setOutputs(outputs);
    return builder.build();
  }
}
