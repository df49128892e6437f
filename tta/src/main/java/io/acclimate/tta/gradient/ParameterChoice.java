package io.acclimate.tta.gradient;

import io.acclimate.tta.DifferentiableModel;

/**
 * Which parameters a method changes: the model's own weights ({@link WeightScope}) or those of
 * modules that are put into it ({@link ModuleChoice}). Immutable and safe to share.
 */
public interface ParameterChoice {
  /**
   * The parameters of one model.
   *
   * @param skippedShare the part of the normalisation layers, from the last one on, that stays as
   *     it is; 0 to below 1
   */
  ParameterScope of(DifferentiableModel model, double skippedShare);
}
