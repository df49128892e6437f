package io.acclimate.actors;

/**
 * How long a stream's batches took from the call to the answer, in microseconds, to two digits.
 *
 * @param count batches answered
 */
public record LatencyStats(
    long count, long p50Micros, long p90Micros, long p99Micros, long p999Micros, long maxMicros) {
  /** No batch at all. */
  public static final LatencyStats NONE = new LatencyStats(0, 0, 0, 0, 0, 0);
}
