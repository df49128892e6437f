package io.acclimate.runtime.graph;

import java.util.List;

/** Writes what an operator computes with other operators. */
@FunctionalInterface
public interface Decomposition {
  /**
   * Appends the operators.
   *
   * @param node the operator, for its attributes and results
   * @param inputs the values to use in the place of the node's operands, of the same types
   * @return the results, as many as the operator has; optional ones may be missing
   */
  List<String> build(Ops ops, Node node, List<String> inputs);
}
