package io.acclimate.replay.memory;

import io.acclimate.runtime.AcclimateException;

/**
 * How much a memory may hold. Where the bytes are reached first, the number of samples sinks to
 * what fits and stays there.
 *
 * @param samples the most samples, at least 1
 * @param bytes the most bytes of {@link Exemplar#bytes()} together, at least 1
 */
public record MemoryCapacity(int samples, long bytes) {
  /**
   * Checks the bounds.
   *
   * @throws AcclimateException when one is below 1
   */
  public MemoryCapacity {
    if (samples < 1 || bytes < 1) {
      throw new AcclimateException(
          "expected a capacity of at least 1 sample and 1 byte, found %d samples and %d bytes"
              .formatted(samples, bytes));
    }
  }

  /** A capacity in samples only. */
  public static MemoryCapacity ofSamples(int samples) {
    return new MemoryCapacity(samples, Long.MAX_VALUE);
  }
}
