package io.acclimate.replay.memory;

import io.acclimate.runtime.AcclimateException;

/**
 * How many old samples go with the new ones of each step. Invariant: after any number of steps the
 * old samples together are the ratio times the new ones together, rounded down. Not thread-safe.
 */
public final class RehearsalRatio {
  private final double ratio;
  private long newSamples;
  private long oldSamples;

  /**
   * Creates the count.
   *
   * @param ratio old samples for each new one, 0 or more
   */
  public RehearsalRatio(double ratio) {
    if (!(ratio >= 0 && ratio < Double.POSITIVE_INFINITY)) {
      throw new AcclimateException("expected a rehearsal ratio of 0 or more, found " + ratio);
    }
    this.ratio = ratio;
  }

  /** How many old samples go with so many new ones. */
  public int next(int count) {
    newSamples += count;
    long due = (long) Math.floor(ratio * newSamples);
    int old = Math.toIntExact(due - oldSamples);
    oldSamples = due;
    return old;
  }
}
