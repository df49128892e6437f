package io.acclimate.runtime.autodiff;

/**
 * How a gradient passes through one operator.
 *
 * <p>A rule appends plain ONNX operators and gives each wanted operand its share through {@link
 * BackwardContext#give}. It must hold for every shape, broadcasting included, and its own operators
 * must have rules too, so that it can be differentiated again.
 */
@FunctionalInterface
public interface GradientRule {
  /** Gives the gradient of each operand that {@linkplain BackwardContext#wants wants} one. */
  void backward(BackwardContext node);
}
