/**
 * Provides training from the command line: small models from random weights.
 *
 * <p>A {@link io.acclimate.simulators.train.TrainingScenario} is read from a file by {@link
 * io.acclimate.simulators.train.TrainingScenarioLoader}; {@link
 * io.acclimate.simulators.train.SourceTraining} trains a {@link
 * io.acclimate.simulators.train.VisionTransformer} and writes it with its model card.
 */
package io.acclimate.simulators.train;
