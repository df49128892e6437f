package io.acclimate.replay.journal;

import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Milliseconds since 1970 that never fall: when the machine's clock goes back, the last time is
 * kept until the clock has caught up, and a warning is logged. Safe for all threads.
 */
final class JournalClock implements LongSupplier {
  private static final Logger LOG = LoggerFactory.getLogger(JournalClock.class);

  /** Small corrections of the clock are nobody's business. */
  private static final long UNREMARKABLE_MILLIS = 1000;

  private final LongSupplier source;
  private long last;
  private boolean behind;

  JournalClock(LongSupplier source, long floor) {
    this.source = source;
    this.last = floor;
  }

  @Override
  public synchronized long getAsLong() {
    long now = source.getAsLong();
    if (now < last - UNREMARKABLE_MILLIS && !behind) {
      behind = true;
      LOG.warn(
          "the clock went back by {} ms; records keep the time {} until it has caught up",
          last - now,
          last);
    } else if (now >= last) {
      behind = false;
      last = now;
    }
    return last;
  }
}
