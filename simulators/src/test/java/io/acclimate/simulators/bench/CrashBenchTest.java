package io.acclimate.simulators.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.acclimate.replay.event.JournalEvent;
import io.acclimate.runtime.AcclimateException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CrashBenchTest {
  /** The short form of {@code bench crash}: real processes, really killed. */
  @Test
  void everyKilledProcessGoesOnWhereItWas() {
    List<String> lines = new ArrayList<>();
    assertEquals(
        Map.of("kills", 6.0, "equal", 6.0), new CrashBench(6).run(lines::add), lines.toString());
  }

  /** A step lost or done twice does not go unnoticed. */
  @Test
  void theLearnersHashTellsStepsApart() {
    CrashLearner sound = new CrashLearner(1);
    CrashLearner skipping = new CrashLearner(1);
    for (int step = 0; step < 50; step++) {
      sound.apply(sound.batch(step));
      sound.apply(sound.labels(step));
      skipping.apply(skipping.batch(step == 30 ? 31 : step));
      JournalEvent labels = skipping.labels(step);
      if (step == 30) {
        assertThrows(AcclimateException.class, () -> skipping.apply(labels));
        skipping.apply(skipping.batch(step));
      }
      skipping.apply(labels);
      assertEquals(sound.stateHash(), skipping.stateHash());
    }
    CrashLearner twice = new CrashLearner(1);
    twice.apply(twice.batch(0));
    twice.apply(twice.labels(0));
    assertThrows(AcclimateException.class, () -> twice.apply(twice.labels(0)));
  }
}
