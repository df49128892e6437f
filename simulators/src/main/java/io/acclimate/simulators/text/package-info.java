/**
 * Provides {@link io.acclimate.simulators.text.TextEncoder}: from texts to a model's token inputs.
 */
package io.acclimate.simulators.text;
