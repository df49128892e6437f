package io.acclimate.simulators.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.acclimate.actors.Prediction;
import io.acclimate.actors.StreamStats;
import io.acclimate.actors.Timings;
import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.method.MethodDescriptor;
import io.acclimate.runtime.method.MethodKind;
import io.acclimate.simulators.report.Report;
import io.acclimate.simulators.scenario.Pace;
import io.acclimate.simulators.shift.Domain;
import io.acclimate.simulators.shift.DomainOrder;
import io.acclimate.simulators.shift.EvenShuffle;
import io.acclimate.simulators.shift.StreamPlan;
import io.acclimate.simulators.shift.StreamRecipe;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class MethodTallyTest {
  private static final MethodDescriptor LAME =
      new MethodDescriptor("lame", MethodKind.OUTPUT_CORRECTOR, "", "", true, false);

  /** Two domains of five samples each. */
  private final StreamPlan plan =
      StreamPlan.create(
          new StreamRecipe(
              List.of(Domain.CLEAN, new Domain("fog", 3)),
              new DomainOrder.Sequential(),
              5,
              new EvenShuffle()),
          new int[5],
          1,
          SeedTree.of(1),
          () -> {});

  private final MethodTally tally =
      new MethodTally("mine", LAME, plan, 3, new ArrivalClock(Pace.WAITING));

  private void add(int start, String fallback, int... predicted) {
    tally.add(
        start,
        new int[predicted.length],
        new Prediction(
            0,
            "stream",
            predicted.length,
            2,
            new float[2 * predicted.length],
            predicted,
            predicted,
            "lame",
            "hash",
            Optional.empty(),
            Optional.ofNullable(fallback),
            List.of(),
            new Timings(0, 0, 0, 1_000_000)));
  }

  private Report.MethodResult result() {
    return tally.result(Optional.of(new StreamStats.Counts(3, 10, 3, 3, 0, 0, 0, 0, 0, 0)), 300);
  }

  /** A window ends where it is full, where the domain ends, and where the run ends. */
  @Test
  void noWindowReachesOverADomainChange() {
    add(0, null, 0, 0, 1, 0);
    add(4, null, 1, 0, 0, 0);
    add(8, null, 1);
    assertEquals(
        List.of(
            new Report.Window(3, 3, 2 / 3.0),
            new Report.Window(5, 2, 0.5),
            new Report.Window(8, 3, 1),
            new Report.Window(9, 1, 0)),
        result().windows());
    assertEquals(6 / 9.0, result().accuracy());
    assertEquals(4, result().domains().get(1).samples());
    assertEquals(0.75, result().domains().get(1).accuracy());
    assertEquals(3000, result().samplesPerSecond(), 1e-9);
  }

  @Test
  void answersInTheMethodsPlaceAreSaid() {
    add(0, null, 0, 0);
    assertEquals("", tally.note());
    add(2, "lame: no luck", 0, 0);
    add(4, "lame: none either", 0);
    assertEquals(2, result().fallbacks());
    assertTrue(
        tally.note().contains("mine: batches answered with the frozen output: 2"), tally.note());
    assertTrue(tally.note().contains("lame: no luck"), tally.note());
  }
}
