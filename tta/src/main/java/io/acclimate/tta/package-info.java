/**
 * Provides methods that correct a frozen model at test time.
 *
 * <p>An {@link io.acclimate.tta.OutputCorrector} turns the model's probabilities and features into
 * better probabilities; {@link io.acclimate.tta.lame.Lame} is the first. A {@link
 * io.acclimate.tta.CorrectorProvider} makes one by name. All are plain, single-threaded and
 * deterministic objects.
 */
package io.acclimate.tta;
