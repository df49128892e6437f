/**
 * Provides the runtime that serves many streams from one frozen model, each stream with adaptation
 * state of its own.
 *
 * <p>{@link io.acclimate.actors.AdaptiveRuntime} is the entry; {@link
 * io.acclimate.actors.AdaptiveStream} takes batches and gives {@link
 * io.acclimate.actors.Prediction}s. The actors behind them are not part of the API.
 */
package io.acclimate.actors;
