/**
 * Provides the test-time methods that change the model's parameters by gradients of a loss without
 * labels.
 *
 * <p>An {@link io.acclimate.tta.gradient.AdaptableModel} is the model with a loss at any batch
 * size; student, teacher and source are {@link io.acclimate.runtime.train.ParameterSet}s that its
 * calls are given. A {@link io.acclimate.tta.gradient.GradientMethod} is what the methods share.
 * Batch normalisation normalises by the batch's own statistics here.
 */
package io.acclimate.tta.gradient;
