package io.acclimate.runtime.autodiff;

import java.util.Map;

/** Gradient rules of operators that pick or place elements by index. */
final class IndexGradients {
  private IndexGradients() {}

  static void register(Map<String, GradientRule> rules) {}
}
