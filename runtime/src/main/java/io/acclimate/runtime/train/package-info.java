/**
 * Provides training on ONNX Runtime: losses as graphs, parameters that change in place, optimisers.
 *
 * <p>A {@link io.acclimate.runtime.train.TrainableModel} turns a graph with a loss into one call
 * that computes the loss and all gradients; a {@link io.acclimate.runtime.train.Trainer} applies an
 * {@link io.acclimate.runtime.train.Optimizer} to a {@link
 * io.acclimate.runtime.train.ParameterSet}.
 */
package io.acclimate.runtime.train;
