package io.acclimate.replay.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class JournalClockTest {
  /** Records keep their order in time: the last time stays until the machine has caught up. */
  @Test
  void aClockThatGoesBackStandsStill() {
    AtomicLong machine = new AtomicLong(10_000);
    JournalClock clock = new JournalClock(machine::get, 0);
    assertEquals(10_000, clock.getAsLong());
    machine.set(2_000);
    assertEquals(10_000, clock.getAsLong());
    machine.set(9_999);
    assertEquals(10_000, clock.getAsLong());
    machine.set(10_001);
    assertEquals(10_001, clock.getAsLong());
  }

  /** After a restart the time of the last record is the floor. */
  @Test
  void timeGoesOnFromTheLastRecord() {
    assertEquals(5_000, new JournalClock(() -> 4_000, 5_000).getAsLong());
    assertEquals(6_000, new JournalClock(() -> 6_000, 5_000).getAsLong());
  }
}
