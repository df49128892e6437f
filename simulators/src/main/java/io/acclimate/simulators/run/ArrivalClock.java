package io.acclimate.simulators.run;

import io.acclimate.simulators.scenario.Pace;

/**
 * Says which batches a method is too slow to learn from, on a stream that does not wait.
 *
 * <p>Batch k comes at time k times the interval. A method that learns from a batch is busy for as
 * long as its passes take, the frozen model's own included, and learns from none that comes before
 * it is done; such a batch is answered with what was learned so far. Time is counted in passes and
 * not measured, so equal seeds give equal results. Not thread-safe.
 */
final class ArrivalClock {
  private static final double ROUNDING = 1e-9;

  private final Pace pace;
  private double busyUntil;
  private long missed;

  ArrivalClock(Pace pace) {
    this.pace = pace;
  }

  /** Whether the method has time to learn from a batch; counts those it has not. */
  boolean admits(long batch) {
    if (pace.interval() == 0 || busyUntil <= batch * pace.interval() + ROUNDING) {
      return true;
    }
    missed++;
    return false;
  }

  /**
   * Says that the method learns from a batch.
   *
   * @param forwards all forward passes of the batch, the frozen model's included
   */
  void learned(long batch, long forwards, long backwards) {
    busyUntil = batch * pace.interval() + forwards + pace.backwardCost() * backwards;
  }

  /** Batches that were not learned from. */
  long missed() {
    return missed;
  }
}
