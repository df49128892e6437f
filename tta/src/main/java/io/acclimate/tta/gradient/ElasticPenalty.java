package io.acclimate.tta.gradient;

import io.acclimate.runtime.train.ParameterSet;

/**
 * Holds weights where they matter to the source: strength times the sum of F (w - anchor)^2.
 * Kirkpatrick et al., PNAS 2017, arXiv 1612.00796.
 *
 * @param fisher F by weight
 * @param strength at least 0
 */
record ElasticPenalty(ParameterSet fisher, double strength) {
  /** Adds the penalty's gradient. */
  void addGradient(ParameterSet weights, ParameterSet anchor, ParameterSet gradients) {
    for (int i = 0; i < weights.size(); i++) {
      double pull = 2 * strength * fisher.get(i) * (weights.get(i) - anchor.get(i));
      gradients.set(i, gradients.get(i) + pull);
    }
  }

  /** The penalty. */
  double value(ParameterSet weights, ParameterSet anchor) {
    double sum = 0;
    for (int i = 0; i < weights.size(); i++) {
      double difference = weights.get(i) - anchor.get(i);
      sum += fisher.get(i) * difference * difference;
    }
    return strength * sum;
  }
}
