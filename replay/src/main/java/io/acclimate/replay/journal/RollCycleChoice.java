package io.acclimate.replay.journal;

import net.openhft.chronicle.queue.RollCycle;
import net.openhft.chronicle.queue.RollCycles;
import net.openhft.chronicle.queue.rollcycles.LegacyRollCycles;

/** How long one file of the journal is written to. */
public enum RollCycleChoice {
  /** A file per minute; at most 67 million records in each. */
  MINUTE(LegacyRollCycles.MINUTELY),
  /** A file per ten minutes. */
  TEN_MINUTES(RollCycles.TEN_MINUTELY),
  /** A file per hour. */
  HOUR(RollCycles.FAST_HOURLY),
  /** A file per day. */
  DAY(RollCycles.FAST_DAILY);

  private final RollCycle cycle;

  RollCycleChoice(RollCycle cycle) {
    this.cycle = cycle;
  }

  RollCycle cycle() {
    return cycle;
  }
}
