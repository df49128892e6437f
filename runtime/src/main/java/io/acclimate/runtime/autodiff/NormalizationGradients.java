package io.acclimate.runtime.autodiff;

import java.util.Map;

/** Gradient rules of normalisation and softmax. */
final class NormalizationGradients {
  private NormalizationGradients() {}

  static void register(Map<String, GradientRule> rules) {}
}
