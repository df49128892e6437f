package io.acclimate.tta;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.settings.SettingsReader;

/**
 * How a method meets its stream, as data: what is done with a batch, in which order, and when
 * everything is forgotten. Carried out by {@link Adaptation}.
 *
 * @param order whether a batch is answered before or after it is learned from
 * @param steps how often {@code adapt} is called for a batch, at least 1
 * @param reset when everything is forgotten
 * @param resetAfter with {@link Reset#PERIODIC}: batches between two resets, at least 1; else 0
 * @param window batches with fewer samples are shown to the method together with the latest samples
 *     before them, this many in all, and are learned from when the whole window is new; at least 1
 */
public record Protocol(Order order, int steps, Reset reset, int resetAfter, int window) {
  /** Whether a batch is answered before or after it is learned from. */
  public enum Order {
    /** The answer comes from before the update: what a user has who cannot wait. */
    PREDICT_THEN_ADAPT,
    /** The answer comes from after the update on the same batch. */
    ADAPT_THEN_PREDICT
  }

  /** When everything that was learned is forgotten. */
  public enum Reset {
    /** Never: continual adaptation. */
    NEVER,
    /** Where the stream says that a new domain begins: online adaptation. */
    EACH_DOMAIN,
    /** Before every batch: episodic adaptation. */
    EACH_BATCH,
    /** After a number of batches. */
    PERIODIC
  }

  /** Checks the ranges. */
  public Protocol {
    require(steps >= 1, "steps", steps);
    require(window >= 1, "window", window);
    require(reset == Reset.PERIODIC ? resetAfter >= 1 : resetAfter == 0, "reset-after", resetAfter);
  }

  private static void require(boolean holds, String key, int found) {
    if (!holds) {
      throw new AcclimateException("protocol: " + key + "=" + found + " is out of range");
    }
  }

  static Protocol read(SettingsReader settings) {
    settings.rejectUnknown();
    Reset reset = settings.choice("reset", Reset.class);
    int after = settings.integer("reset-after", 1, 1_000_000_000);
    if (reset != Reset.PERIODIC && settings.isGiven("reset-after")) {
      settings.problem("reset-after", "has an effect with reset = periodic only");
    }
    Order order = settings.choice("order", Order.class);
    if (reset == Reset.EACH_BATCH && order == Order.PREDICT_THEN_ADAPT) {
      settings.problem(
          "reset",
          "each-batch forgets what was learned before it answers: expected order ="
              + " adapt-then-predict beside it");
    }
    return new Protocol(
        order,
        settings.integer("steps", 1, 10_000),
        reset,
        reset == Reset.PERIODIC ? after : 0,
        settings.integer("window", 1, 100_000));
  }
}
