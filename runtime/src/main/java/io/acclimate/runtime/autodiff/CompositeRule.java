package io.acclimate.runtime.autodiff;

import io.acclimate.runtime.graph.Attributes;
import io.acclimate.runtime.graph.Decomposition;
import io.acclimate.runtime.graph.Decompositions;
import io.acclimate.runtime.graph.Ops;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Differentiates an operator through the sequence of others that it stands for. What the gradient
 * does not need of that sequence is left out of the graph when it is built.
 */
final class CompositeRule implements GradientRule {
  private final Decomposition decomposition;

  private CompositeRule(Decomposition decomposition) {
    this.decomposition = decomposition;
  }

  /** The rule of an operator that has a decomposition. */
  static GradientRule of(String op) {
    return new CompositeRule(Decompositions.all().get(op));
  }

  @Override
  public void backward(BackwardContext node) {
    Ops ops = node.ops();
    List<String> operands = new ArrayList<>(node.node().inputs());
    Map<Integer, String> wanted = new LinkedHashMap<>();
    for (int i = 0; i < operands.size(); i++) {
      if (node.wants(i)) {
        // A copy, so that what lies below the operand is not differentiated too.
        wanted.put(i, ops.op("Identity", Attributes.NONE, operands.get(i)));
        operands.set(i, wanted.get(i));
      }
    }
    List<String> results = decomposition.build(ops, node.node(), operands);
    Map<String, String> seeds = new LinkedHashMap<>();
    for (int i = 0; i < results.size(); i++) {
      String result = results.get(i);
      node.gradient(i).ifPresent(gradient -> seeds.put(result, gradient));
    }
    Map<String, String> gradients =
        Autodiff.gradients(ops.graph(), seeds, wanted.values(), GradientRules.builtInRules());
    wanted.forEach((i, copy) -> node.give(i, gradients.get(copy)));
  }
}
