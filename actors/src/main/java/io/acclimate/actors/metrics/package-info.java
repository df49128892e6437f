/**
 * Provides what can be watched of a runtime: meters for any Micrometer registry and events for the
 * flight recorder.
 *
 * <p>{@link io.acclimate.actors.metrics.RuntimeMeter} lists every meter; {@link
 * io.acclimate.actors.metrics.RuntimeMetrics} feeds those of a runtime, {@link
 * io.acclimate.actors.metrics.ProcessMetrics} those of the process, and {@link
 * io.acclimate.actors.metrics.FlightRecording} writes events.
 */
package io.acclimate.actors.metrics;
