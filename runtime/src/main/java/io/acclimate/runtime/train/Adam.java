package io.acclimate.runtime.train;

import io.acclimate.runtime.AcclimateException;

/**
 * Adam (Kingma and Ba, ICLR 2015, arXiv 1412.6980), or AdamW (Loshchilov and Hutter, ICLR 2019,
 * arXiv 1711.05101) when the weight decay is decoupled from the gradient. Memory: two doubles for
 * each value.
 */
public final class Adam extends ElementwiseOptimizer {
  private final double beta1;
  private final double beta2;
  private final double epsilon;
  private final boolean decoupled;

  /**
   * Creates an optimiser.
   *
   * @param beta1 how long the mean of gradients lasts, from 0 to below 1
   * @param beta2 how long the mean of squares lasts, from 0 to below 1
   * @param epsilon added to the root of the mean square, above 0
   * @param decoupled whether weights shrink by rate times decay (AdamW), else decay is added to the
   *     gradient
   */
  public Adam(
      ParameterGroups groups, double beta1, double beta2, double epsilon, boolean decoupled) {
    super(groups, 2);
    if (!(beta1 >= 0 && beta1 < 1 && beta2 >= 0 && beta2 < 1 && epsilon > 0)) {
      throw new AcclimateException(
          "Adam: expected betas from 0 to below 1 and epsilon above 0, found %s, %s and %s"
              .formatted(beta1, beta2, epsilon));
    }
    this.beta1 = beta1;
    this.beta2 = beta2;
    this.epsilon = epsilon;
    this.decoupled = decoupled;
  }

  /** Adam with the paper's settings: 0.9, 0.999, 1e-8. */
  public static Adam adam(ParameterGroups groups) {
    return new Adam(groups, 0.9, 0.999, 1e-8, false);
  }

  /** AdamW with the paper's settings: 0.9, 0.999, 1e-8. */
  public static Adam adamW(ParameterGroups groups) {
    return new Adam(groups, 0.9, 0.999, 1e-8, true);
  }

  @Override
  void update(
      double[] values, double[] slopes, int count, double[][] moments, int first, Step step) {
    double correction1 = 1 - Math.pow(beta1, step.number());
    double correction2 = Math.sqrt(1 - Math.pow(beta2, step.number()));
    double[] means = moments[0];
    double[] squares = moments[1];
    for (int i = 0; i < count; i++) {
      double slope = decoupled ? slopes[i] : slopes[i] + step.decay() * values[i];
      double mean = beta1 * means[first + i] + (1 - beta1) * slope;
      double square = beta2 * squares[first + i] + (1 - beta2) * slope * slope;
      means[first + i] = mean;
      squares[first + i] = square;
      double kept = decoupled ? values[i] * (1 - step.rate() * step.decay()) : values[i];
      values[i] =
          kept - step.rate() / correction1 * mean / (Math.sqrt(square) / correction2 + epsilon);
    }
  }
}
