package io.acclimate.runtime.autodiff;

import java.util.Map;

/** Gradient rules of convolutions and pooling. */
final class SpatialGradients {
  private SpatialGradients() {}

  static void register(Map<String, GradientRule> rules) {}
}
