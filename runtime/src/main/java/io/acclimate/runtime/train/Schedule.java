package io.acclimate.runtime.train;

import io.acclimate.runtime.AcclimateException;

/** The learning rate over time, as a factor of its base value. Immutable. */
@FunctionalInterface
public interface Schedule {
  /**
   * The factor of a step.
   *
   * @param step from 0 to {@code total - 1}
   * @param total the number of steps of the whole training
   */
  double factor(long step, long total);

  /** The same rate all the time. */
  Schedule CONSTANT = (step, total) -> 1;

  /** From 1 down to 0 along half a cosine. */
  Schedule COSINE = (step, total) -> 0.5 * (1 + Math.cos(Math.PI * step / Math.max(1, total)));

  /** From 1 down to 0 along a line. */
  Schedule LINEAR = (step, total) -> 1 - step / (double) Math.max(1, total);

  /**
   * Rises along a line first, then follows another schedule over the steps that are left.
   *
   * @param share the share of steps that the rise takes, from 0 to below 1
   */
  static Schedule warmUp(double share, Schedule then) {
    if (!(share >= 0 && share < 1)) {
      throw new AcclimateException("warm-up: expected 0 to below 1, found " + share);
    }
    return (step, total) -> {
      long rise = Math.round(share * total);
      return step < rise
          ? (step + 1) / (double) (rise + 1)
          : then.factor(step - rise, total - rise);
    };
  }
}
