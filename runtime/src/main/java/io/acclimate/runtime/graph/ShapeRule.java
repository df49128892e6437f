package io.acclimate.runtime.graph;

import java.util.List;

/** Infers the types of an operator's results from those of its operands. */
@FunctionalInterface
public interface ShapeRule {
  /**
   * Infers the types of all results, in order; optional results that are left out may be missing.
   *
   * @throws io.acclimate.runtime.AcclimateException when the operands do not fit together
   */
  List<ValueType> infer(ShapeContext node);
}
