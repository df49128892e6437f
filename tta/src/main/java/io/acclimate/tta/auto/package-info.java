/**
 * Provides the gate {@code auto}, which decides from the stream itself which corrector speaks:
 * {@link io.acclimate.tta.auto.AutoCorrector}.
 */
package io.acclimate.tta.auto;
