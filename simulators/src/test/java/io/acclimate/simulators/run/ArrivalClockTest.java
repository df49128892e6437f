package io.acclimate.simulators.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.acclimate.simulators.scenario.Pace;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ArrivalClockTest {
  private static List<Integer> learned(ArrivalClock clock, int forwards, int backwards) {
    List<Integer> learned = new ArrayList<>();
    for (int batch = 0; batch < 12; batch++) {
      if (clock.admits(batch)) {
        learned.add(batch);
        clock.learned(batch, forwards, backwards);
      }
    }
    return learned;
  }

  /** The frozen model's pass and one of each more, at 1.3 a backward pass: busy for 3.3. */
  @Test
  void aSlowMethodMissesBatches() {
    ArrivalClock clock = new ArrivalClock(new Pace(1, 1.3));
    assertEquals(List.of(0, 4, 8), learned(clock, 2, 1));
    assertEquals(9, clock.missed());
    assertEquals(List.of(0, 2, 4, 6, 8, 10), learned(new ArrivalClock(new Pace(2, 1.3)), 2, 1));
  }

  @Test
  void aMethodAsFastAsTheStreamMissesNone() {
    ArrivalClock clock = new ArrivalClock(new Pace(1, 1.3));
    assertEquals(12, learned(clock, 1, 0).size());
    assertEquals(0, clock.missed());
    assertEquals(12, learned(new ArrivalClock(new Pace(30, 1)), 30, 0).size());
  }

  @Test
  void aStreamThatWaitsIsNeverMissed() {
    ArrivalClock clock = new ArrivalClock(Pace.WAITING);
    assertEquals(12, learned(clock, 100, 100).size());
    assertTrue(clock.missed() == 0);
  }
}
