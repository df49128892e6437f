package io.acclimate.actors.learn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.acclimate.actors.OverCapacityException;
import io.acclimate.bank.Adapter;
import io.acclimate.bank.AdapterRef;
import io.acclimate.continual.LabelledBatch;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.testing.TestNetworks;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LearnerCoreTest {
  @TempDir Path folder;

  @Test
  void aTaskThatPassesTheGateServes() {
    LearnerFixture fixture = new LearnerFixture(folder, "");
    try (LearnerCore core = fixture.open()) {
      assertEquals(Optional.empty(), core.status().served());
      LearnerFixture.offer(core, 0);
      assertEquals(32, core.status().waitingSamples());
      LearnerFixture.finish(core);
      TaskDecision decision = fixture.lastDecision();
      assertEquals(TaskDecision.Verdict.PROMOTED, decision.verdict(), decision.reason());
      assertTrue(decision.accuracy() > 0.9, decision.toString());
      assertEquals(Optional.of(new AdapterRef("learned", 1)), decision.adapter());
      assertEquals(decision.adapter(), core.status().served());
      assertEquals(0, core.status().waitingSamples());
    }
    Adapter adapter = fixture.bank.current().load("learned");
    assertEquals("task-0", adapter.card().task());
    assertEquals(LearnerFixture.MODEL, adapter.card().modelSha256());
    assertTrue(adapter.tensors().keySet().contains("head.output.features.weight"));
    assertTrue(adapter.card().settings().hasPath("lora.sites"));
    long steps = fixture.events.stream().filter(LearnerEvent.Step.class::isInstance).count();
    assertEquals(3 * 12, steps);
  }

  @Test
  void aTaskThatIsNoGainIsRefusedAndLeavesNothing() {
    LearnerFixture fixture = new LearnerFixture(folder, "gate.least-gain = 1");
    try (LearnerCore core = fixture.open()) {
      LearnerFixture.offer(core, 0);
      LearnerFixture.finish(core);
      TaskDecision decision = fixture.lastDecision();
      assertEquals(TaskDecision.Verdict.REFUSED, decision.verdict());
      assertTrue(decision.reason().contains("gate.least-gain"), decision.reason());
      assertEquals(0, fixture.bank.current().version());
      assertEquals(1, core.status().task());
    }
  }

  /** The learner tunes each task alone, so what it knew of the first one fades. */
  @Test
  void forgettingIsMeasuredAndRefused() {
    LearnerFixture lenient = new LearnerFixture(folder.resolve("lenient"), LearnerFixture.FORGETS);
    try (LearnerCore core = lenient.open()) {
      LearnerFixture.offer(core, 0);
      LearnerFixture.offer(core, 1);
      LearnerFixture.finish(core);
    }
    TaskDecision second = lenient.lastDecision();
    assertEquals(TaskDecision.Verdict.PROMOTED, second.verdict(), second.reason());
    double lost = second.forgetting().get("0 task-0");
    assertTrue(lost > 0.05, "naive tuning forgets, found " + lost);
    assertEquals(
        List.of(new AdapterRef("learned", 1)), lenient.bank.current().card("learned").parents());

    LearnerFixture strict = new LearnerFixture(folder.resolve("strict"), "");
    try (LearnerCore core = strict.open()) {
      LearnerFixture.offer(core, 0);
      LearnerFixture.offer(core, 1);
      LearnerFixture.finish(core);
      assertEquals(TaskDecision.Verdict.REFUSED, strict.lastDecision().verdict());
      assertTrue(strict.lastDecision().reason().contains("gate.most-forgetting"));
      assertEquals(1, strict.bank.current().version());
      assertEquals(Optional.of(new AdapterRef("learned", 1)), core.status().served());
    }
  }

  /** What is kept of accepted tasks does not grow with their number. */
  @Test
  void probesAreThoseOfTheLatestTasksAndSmall() throws IOException {
    String limits = LearnerFixture.FORGETS + ", probes { most-tasks = 2, most-samples = 3 }";
    LearnerFixture fixture = new LearnerFixture(folder, limits);
    try (LearnerCore core = fixture.open()) {
      for (int task = 0; task < 4; task++) {
        LearnerFixture.offer(core, task);
      }
      LearnerFixture.finish(core);
    }
    assertEquals(
        List.of(
            Set.of(),
            Set.of("0 task-0"),
            Set.of("0 task-0", "1 task-1"),
            Set.of("1 task-1", "2 task-2")),
        fixture.decisions().stream().map(one -> one.forgetting().keySet()).toList());
    LearnerFiles files = new LearnerFiles(fixture.folder);
    assertEquals(List.of(2L, 3L), files.probes(Long.MAX_VALUE));
    LearnerFiles.Probe probe = files.probe(3);
    assertEquals(3, probe.samples().labels().length);
    assertEquals(0, (probe.accuracy() * 3) % 1, 1e-9, "measured on these samples");
    new LearnerFixture(folder, "probes.most-tasks = 1").open().close();
    assertEquals(List.of(3L), files.probes(Long.MAX_VALUE));
  }

  @Test
  void pickedSamplesAreSpreadOverTheClasses() {
    int[] labels = {5, 5, 5, 5, 0, 5, 9, 0};
    assertArrayEquals(new int[] {0, 4, 6}, Samples.spread(labels, 3));
    assertArrayEquals(new int[] {0, 1, 4, 6, 7}, Samples.spread(labels, 5));
    assertArrayEquals(new int[] {0}, Samples.spread(labels, 1));
  }

  @Test
  void inShadowModeTheFrozenModelGoesOnServing() {
    LearnerFixture fixture = new LearnerFixture(folder, "shadow = true, " + LearnerFixture.FORGETS);
    try (LearnerCore core = fixture.open()) {
      LearnerFixture.offer(core, 0);
      LearnerFixture.offer(core, 1);
      LearnerFixture.finish(core);
      assertEquals(
          List.of(TaskDecision.Verdict.SHADOW, TaskDecision.Verdict.SHADOW),
          fixture.decisions().stream().map(TaskDecision::verdict).toList());
      assertEquals(1, fixture.lastDecision().forgetting().size());
      assertEquals(0, fixture.bank.current().version());
      assertEquals(Optional.empty(), core.status().served());
    }
  }

  /** Samples that are finite, but whose squares are not; nothing of them stays. */
  @Test
  void aLearnerThatDivergesIsReportedAndPutBack() {
    LearnerFixture fixture = new LearnerFixture(folder, "");
    try (LearnerCore core = fixture.open()) {
      for (LabelledBatch batch : LearnerFixture.batches(0)) {
        Tensor large = batch.inputs().get("x").copy();
        for (int i = 0; i < large.elements(); i++) {
          large.floats().put(i, 2.5e38f * large.floats().get(i));
        }
        core.intake().offer(new LabelledBatch(Map.of("x", large), batch.labels()));
      }
      core.intake().endTask("wild");
      LearnerFixture.finish(core);
      assertEquals(TaskDecision.Verdict.DIVERGED, fixture.lastDecision().verdict());
      assertEquals(TaskDecision.Cause.NOT_FINITE, fixture.lastDecision().cause());
      assertTrue(fixture.lastDecision().reason().contains("3 batches in a row"));
      assertEquals(0, fixture.bank.current().version());
      LearnerFixture.offer(core, 0);
      LearnerFixture.finish(core);
      TaskDecision decision = fixture.lastDecision();
      assertEquals(TaskDecision.Verdict.PROMOTED, decision.verdict(), decision.reason());
    }
  }

  /** Every sample has one label of three, so the shares of right ones add up to one. */
  @Test
  void theFrozenModelIsMeasuredByItsOwnLogits() {
    LearnerParts parts = new LearnerFixture(folder, "").parts();
    LabelledBatch samples = Samples.join(LearnerFixture.batches(0).subList(0, 3));
    double sum = 0;
    for (int shift = 0; shift < TestNetworks.CLASSES; shift++) {
      int[] labels = samples.labels().clone();
      for (int row = 0; row < labels.length; row++) {
        labels[row] = (labels[row] + shift) % TestNetworks.CLASSES;
      }
      sum +=
          FrozenAccuracy.of(
              parts.backbone(), "logits", new LabelledBatch(samples.inputs(), labels));
    }
    assertEquals(1, sum, 1e-12);
  }

  /** A learner without an adapter of its own can be watched, but not serve. */
  @Test
  void methodsThatAreNotOneAdapterLearnInShadowModeOnly() {
    String ncm = "method = frozen-ncm, settings = {}";
    LearnerFixture fixture = new LearnerFixture(folder.resolve("a"), ncm);
    try (LearnerCore core = fixture.open()) {
      LearnerFixture.offer(core, 0);
      LearnerFixture.finish(core);
      assertEquals(TaskDecision.Verdict.FAILED, fixture.lastDecision().verdict());
      assertTrue(fixture.lastDecision().reason().contains("learner.shadow"));
    }
    LearnerFixture shadow = new LearnerFixture(folder.resolve("b"), ncm + ", shadow = true");
    try (LearnerCore core = shadow.open()) {
      LearnerFixture.offer(core, 0);
      LearnerFixture.finish(core);
      assertEquals(TaskDecision.Verdict.SHADOW, shadow.lastDecision().verdict());
    }
    LearnerFixture joint = new LearnerFixture(folder.resolve("c"), "method = joint");
    assertThrows(AcclimateException.class, joint::open);
  }

  @Test
  void aTaskEndsByItselfAndATooSmallOneIsGivenUp() {
    LearnerFixture fixture = new LearnerFixture(folder, "task-samples = 10, held-out-every = 10");
    try (LearnerCore core = fixture.open()) {
      LearnerFixture.batches(0).subList(0, 6).forEach(core.intake()::offer);
      LearnerFixture.finish(core);
      assertEquals(1, fixture.decisions().size());
      assertEquals(2, core.status().waitingSamples());
      core.intake().endTask("small");
      LearnerFixture.finish(core);
      assertEquals(TaskDecision.Verdict.FAILED, fixture.lastDecision().verdict());
      assertEquals(TaskDecision.Cause.NOT_LEARNED, fixture.lastDecision().cause());
      assertTrue(fixture.lastDecision().reason().contains("2 samples"));
      core.intake().endTask("empty");
      LearnerFixture.finish(core);
      assertEquals(TaskDecision.Verdict.FAILED, fixture.lastDecision().verdict());
      assertEquals(3, core.status().task());
    }
  }

  @Test
  void samplesThatDoNotFitAreRefused() {
    LearnerFixture fixture = new LearnerFixture(folder, "most-samples = 4");
    LabelledBatch good = LearnerFixture.batches(0).get(0);
    Tensor bad = good.inputs().get("x").copy();
    bad.floats().put(3, Float.NaN);
    Tensor narrow = Tensor.ofFloats(new float[TestNetworks.TOKENS], 1, TestNetworks.TOKENS, 1);
    try (LearnerCore core = fixture.open()) {
      assertThrows(
          AcclimateException.class,
          () -> core.intake().offer(new LabelledBatch(Map.of("x", bad), good.labels())));
      assertThrows(
          AcclimateException.class,
          () -> core.intake().offer(new LabelledBatch(good.inputs(), new int[] {0, -1})));
      assertThrows(
          AcclimateException.class,
          () -> core.intake().offer(new LabelledBatch(Map.of("x", narrow), new int[] {0})));
      assertEquals(0, core.status().waitingSamples());
      core.intake().offer(good);
      core.intake().offer(good);
      assertThrows(OverCapacityException.class, () -> core.intake().offer(good));
      assertEquals(4, core.status().waitingSamples());
    }
    try (LearnerCore core = fixture.open()) {
      assertEquals(4, core.status().waitingSamples());
    }
  }
}
