/**
 * Provides reverse-mode differentiation of ONNX graphs: graph in, graph with gradients out.
 *
 * <p>{@link io.acclimate.runtime.autodiff.Autodiff} walks a graph backwards and asks the {@link
 * io.acclimate.runtime.autodiff.GradientRule} of each operator, found in {@link
 * io.acclimate.runtime.autodiff.GradientRules}. Gradients are plain ONNX operators, so they run
 * wherever the model runs and can be differentiated again.
 */
package io.acclimate.runtime.autodiff;
