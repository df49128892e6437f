package io.acclimate.runtime.train;

import io.acclimate.runtime.AcclimateException;

/**
 * Stochastic gradient descent with momentum, as PyTorch defines it: m = momentum m + g (the first
 * time m = g), then w = w - rate m, or w - rate (g + momentum m) in Nesterov's form. Weight decay
 * is added to the gradient. Memory: one double for each value with momentum.
 */
public final class Sgd extends ElementwiseOptimizer {
  private final double momentum;
  private final boolean nesterov;

  /**
   * Creates an optimiser.
   *
   * @param momentum from 0 to below 1
   * @param nesterov whether the gradient is taken at the place where the momentum leads
   */
  public Sgd(ParameterGroups groups, double momentum, boolean nesterov) {
    super(groups, momentum > 0 ? 1 : 0);
    if (!(momentum >= 0 && momentum < 1) || nesterov && momentum == 0) {
      throw new AcclimateException(
          "momentum: expected 0 to 1%s, found %s"
              .formatted(nesterov ? " without 0" : "", momentum));
    }
    this.momentum = momentum;
    this.nesterov = nesterov;
  }

  @Override
  void update(
      double[] values, double[] slopes, int count, double[][] moments, int first, Step step) {
    for (int i = 0; i < count; i++) {
      double slope = slopes[i] + step.decay() * values[i];
      if (momentum > 0) {
        double moment = momentum * moments[0][first + i] + slope;
        moments[0][first + i] = moment;
        slope = nesterov ? slope + momentum * moment : moment;
      }
      values[i] -= step.rate() * slope;
    }
  }
}
