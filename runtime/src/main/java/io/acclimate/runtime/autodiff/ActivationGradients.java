package io.acclimate.runtime.autodiff;

import java.util.Map;

/** Gradient rules of activation functions. */
final class ActivationGradients {
  private ActivationGradients() {}

  static void register(Map<String, GradientRule> rules) {}
}
