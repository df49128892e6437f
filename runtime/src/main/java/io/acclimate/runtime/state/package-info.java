/**
 * Provides saving and restoring of everything that learns: what an object needs to go on exactly
 * where it stopped.
 *
 * <p>A {@link io.acclimate.runtime.state.Stateful} object writes its numbers, texts and random
 * generators through a {@link io.acclimate.runtime.state.StateWriter} and reads them back through a
 * {@link io.acclimate.runtime.state.StateReader}; a {@link io.acclimate.runtime.state.State} is
 * what lies between.
 */
package io.acclimate.runtime.state;
