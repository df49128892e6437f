package io.acclimate.actors.learn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.acclimate.bank.AdapterRef;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The gate, the live probes and the budget, each by itself. */
class DecisionsTest {
  private static final PromotionGate GATE = new PromotionGate(0.5, 0.1, 0.05);
  private static final SortedMap<String, Double> NONE = new TreeMap<>();

  private static void assertRefused(
      TaskDecision.Cause cause, String part, Optional<PromotionGate.Refusal> refusal) {
    assertEquals(cause, refusal.orElseThrow().cause());
    assertTrue(refusal.orElseThrow().reason().contains(part), refusal.toString());
  }

  @Test
  void theGateLooksAtAccuracyGainAndForgetting() {
    assertEquals(Optional.empty(), GATE.refusal(0.6, 0.4, NONE));
    assertRefused(
        TaskDecision.Cause.LEAST_ACCURACY, "gate.least-accuracy", GATE.refusal(0.49, 0, NONE));
    assertRefused(TaskDecision.Cause.LEAST_GAIN, "gate.least-gain", GATE.refusal(0.6, 0.55, NONE));
    assertEquals(Optional.empty(), GATE.refusal(0.6, 0.4, new TreeMap<>(Map.of("a", 0.05))));
    assertRefused(
        TaskDecision.Cause.MOST_FORGETTING,
        "task b",
        GATE.refusal(0.6, 0.4, new TreeMap<>(Map.of("a", -0.2, "b", 0.06))));
  }

  @Test
  void whatIsNoNumberIsRefused() {
    assertTrue(GATE.refusal(Double.NaN, 0, NONE).isPresent());
    assertTrue(GATE.refusal(0.9, Double.NaN, NONE).isPresent());
    assertTrue(GATE.refusal(0.9, 0, new TreeMap<>(Map.of("a", Double.NaN))).isPresent());
  }

  /** Eight of ten must be right: 0.9 on held-out samples less a drop of 0.1. */
  @Test
  void liveProbesLookAtTheLastPredictions() {
    AdapterRef adapter = new AdapterRef("a", 1);
    LiveProbes probes = new LiveProbes(new RevertRule(10, 0.1));
    probes.watch(adapter, 0.9);
    boolean[] right = {true, true, true, true, true};
    boolean[] wrong = new boolean[1];
    assertEquals(Optional.empty(), probes.record(adapter, right));
    assertEquals(Optional.empty(), probes.record(adapter, new boolean[2]));
    assertEquals(Optional.empty(), probes.record(new AdapterRef("a", 2), new boolean[20]));
    assertTrue(probes.record(adapter, new boolean[] {true, true, true}).isEmpty());
    assertTrue(probes.record(adapter, wrong).isPresent(), "7 of 10");
    assertTrue(probes.record(adapter, right).isEmpty(), "8 of 10");
    probes.watch(adapter, 0.9);
    assertEquals(Optional.empty(), probes.record(adapter, new boolean[9]));
    probes.watch(null, 0);
    assertEquals(Optional.empty(), probes.record(adapter, new boolean[20]));
  }

  @Test
  void restsMakeWorkAShareOfTheTime() {
    assertEquals(0, new StepBudget(1).restNanos(1000));
    assertEquals(1000, new StepBudget(0.5).restNanos(1000));
    assertEquals(9000, new StepBudget(0.1).restNanos(1000));
    assertEquals(10_000_000_000L, new StepBudget(0.001).restNanos(1_000_000_000));
  }
}
