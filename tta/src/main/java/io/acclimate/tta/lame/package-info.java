/**
 * Provides LAME, the Laplacian correction of one batch of outputs.
 *
 * <p>{@link io.acclimate.tta.lame.Lame} is the method, {@link io.acclimate.tta.lame.LameSettings}
 * its settings.
 */
package io.acclimate.tta.lame;
