/**
 * Provides the image corruptions of Hendrycks and Dietterich, "Benchmarking Neural Network
 * Robustness to Common Corruptions and Perturbations" (ICLR 2019, arXiv 1903.12261): the 15 of the
 * benchmark and the 4 extra ones, each at severities 1 to 5.
 *
 * <p>Start at {@link io.acclimate.simulators.corruption.Corruptions}; it hands out {@link
 * io.acclimate.simulators.corruption.Corruption} objects that turn a clean {@link
 * io.acclimate.simulators.corruption.Image} into a corrupted one, with the strengths of a {@link
 * io.acclimate.simulators.corruption.ParameterTable}.
 */
package io.acclimate.simulators.corruption;
