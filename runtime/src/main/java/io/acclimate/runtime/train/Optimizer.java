package io.acclimate.runtime.train;

import io.acclimate.runtime.state.Stateful;

/**
 * Changes parameters along their gradients. Keeps its moments; not thread-safe; deterministic.
 *
 * <p>Arithmetic is in double whatever the parameters' type.
 */
public interface Optimizer extends Stateful {
  /**
   * Makes one step. Parameters of groups that are frozen keep their values, and their moments stand
   * still.
   *
   * @param parameters changed in place
   * @param gradients a set with equal names and types
   * @param rate the learning rate of this step, before the groups' factors
   */
  void step(ParameterSet parameters, ParameterSet gradients, double rate);

  /** Forgets the moments: the optimiser is then as new. */
  void reset();

  /** The number of steps since the last reset. */
  long steps();
}
