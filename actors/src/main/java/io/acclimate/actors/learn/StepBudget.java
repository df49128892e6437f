package io.acclimate.actors.learn;

/**
 * How much of a thread's time the learner may take: after each piece of work it rests so long that
 * work is at most a share of all. Holds no clock: what was worked is told. Immutable.
 *
 * @param share above 0, at most 1: at 1 it never rests
 */
record StepBudget(double share) {
  /** A rest is not longer than this, so that a long piece of work does not stop learning. */
  private static final double LONGEST_REST_NANOS = 10e9;

  /** How long to rest after a piece of work. */
  long restNanos(long workedNanos) {
    return (long) Math.min(LONGEST_REST_NANOS, workedNanos * (1 - share) / share);
  }
}
