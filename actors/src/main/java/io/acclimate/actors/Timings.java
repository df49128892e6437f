package io.acclimate.actors;

/**
 * Where the time of one batch went, in nanoseconds.
 *
 * @param waitingNanos from the call to the start of the forward pass
 * @param inferenceNanos the forward pass
 * @param correctionNanos the method
 * @param totalNanos from the call to the answer
 */
public record Timings(
    long waitingNanos, long inferenceNanos, long correctionNanos, long totalNanos) {}
