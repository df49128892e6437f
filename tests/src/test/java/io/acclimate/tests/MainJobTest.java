package io.acclimate.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.acclimate.simulators.report.Report;
import io.acclimate.simulators.report.ReportWriter;
import io.acclimate.simulators.run.ProgressListener;
import io.acclimate.simulators.run.Simulation;
import io.acclimate.simulators.run.StoppedException;
import io.acclimate.simulators.scenario.ScenarioLoader;
import io.acclimate.tests.support.Project;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The main job on real data: the shipped scenario as it is, and the others on fewer samples. */
class MainJobTest {
  private static Report run(String example, String... overrides) {
    return new Simulation(
            ScenarioLoader.load(Project.example(example), List.of(overrides)),
            ProgressListener.NONE,
            () -> false)
        .run();
  }

  private static Report.MethodResult method(Report.Run run, String name) {
    return run.methods().stream().filter(m -> m.name().equals(name)).findFirst().orElseThrow();
  }

  private static double gain(Report.Run run, String name) {
    return method(run, name).accuracy() - method(run, "frozen").accuracy();
  }

  /** Fifteen domains, the controls around the methods, and LAME's gain under correlated labels. */
  @Test
  void lameGainsOnTheDriftingStream() {
    Report report = run("fashion-drift.conf");
    Report.Run run = report.runs().get(0);
    assertEquals(
        List.of("frozen", "lame", "oracle"),
        run.methods().stream().map(Report.MethodResult::name).toList());
    assertEquals(15_000, run.samples());
    assertEquals(15, method(run, "lame").domains().size());
    assertTrue(gain(run, "lame") >= 0.04, "gain of lame: " + gain(run, "lame"));
    assertTrue(gain(run, "oracle") > gain(run, "lame"), "gain of oracle: " + gain(run, "oracle"));
    for (Report.MethodResult method : run.methods()) {
      assertEquals(1, method.forwardsPerBatch());
      assertEquals(0, method.backwardsPerBatch());
      assertEquals(0, method.fallbacks());
      assertEquals(15_000, method.windows().get(method.windows().size() - 1).end());
      double hits = method.domains().stream().mapToDouble(d -> d.accuracy() * d.samples()).sum();
      assertEquals(method.accuracy(), hits / run.samples(), 1e-9);
      assertTrue(method.samplesPerSecond() > 0);
      assertTrue(method.latencyMillis().p50() <= method.latencyMillis().p99());
    }
    assertTrue(report.notes().stream().anyMatch(note -> note.contains("frost")), "proxy is said");
  }

  /** Without correlation neighbours mislead, and the RBF kernel far more than k neighbours. */
  @Test
  void lameCostsAccuracyOnTheUncorrelatedStream() {
    Report.Run run =
        run("fashion-iid.conf", "stream.samples-per-domain=384", "domains=[clean, pixelate]")
            .runs()
            .get(0);
    assertTrue(gain(run, "lame") < 0, "gain of lame: " + gain(run, "lame"));
    assertTrue(gain(run, "lame-rbf") < gain(run, "lame"), "rbf: " + gain(run, "lame-rbf"));
  }

  @Test
  void everyRegimeAndSeedIsARunOfItsOwn() {
    Report report =
        run(
            "fashion-label-shift.conf",
            "stream.samples-per-domain=256",
            "seeds=[1, 2]",
            "domains=[{ corruption = gaussian_noise, severity = 3 }]");
    assertEquals(10, report.runs().size());
    assertEquals("no-shift", report.runs().get(0).regime());
    assertEquals(2, report.runs().get(1).seed());
    Report.Run sorted = report.runs().get(8);
    assertEquals("class-sorted", sorted.regime());
    assertTrue(gain(sorted, "lame") > 0.02, "gain when sorted: " + gain(sorted, "lame"));
  }

  @Test
  void mixedGradualAndRecurringOrdersRun() {
    String few = "stream.samples-per-domain=128";
    Report.MethodResult mixed =
        method(
            run("fashion-iid.conf", few, "stream.order=mixed", "domains=[clean, fog]")
                .runs()
                .get(0),
            "frozen");
    assertEquals(2, mixed.domains().size());
    assertEquals(null, mixed.domains().get(0).start());
    assertEquals(256, mixed.domains().stream().mapToInt(Report.DomainResult::samples).sum());
    Report.MethodResult gradual =
        method(
            run("fashion-iid.conf", few, "stream.order=gradual", "domains=[fog]").runs().get(0),
            "frozen");
    assertEquals(
        List.of(1, 2, 3, 4, 5, 4, 3, 2, 1),
        gradual.domains().stream().map(Report.DomainResult::severity).toList());
    Report.MethodResult recurring =
        method(
            run(
                    "fashion-iid.conf",
                    few,
                    "stream.order=recurring",
                    "stream.visits=2",
                    "domains=[clean, fog]")
                .runs()
                .get(0),
            "frozen");
    assertEquals(
        List.of(0, 0, 1, 1), recurring.domains().stream().map(Report.DomainResult::visit).toList());
  }

  @Test
  void sameSeedSameReportButForTimesOtherSeedOtherStream() throws Exception {
    String[] small = {"stream.samples-per-domain=64", "domains=[clean, gaussian_noise, spatter]"};
    JsonNode first = withoutTimes(run("fashion-drift.conf", small));
    assertEquals(first, withoutTimes(run("fashion-drift.conf", small)));
    JsonNode other = withoutTimes(run("fashion-drift.conf", small[0], small[1], "seeds=[2]"));
    assertNotEquals(first.at("/runs/0/methods/0/windows"), other.at("/runs/0/methods/0/windows"));
  }

  private static JsonNode withoutTimes(Report report) throws Exception {
    JsonNode tree = new ObjectMapper().readTree(ReportWriter.json(report));
    for (JsonNode run : tree.get("runs")) {
      for (JsonNode method : run.get("methods")) {
        ((ObjectNode) method).remove(List.of("samplesPerSecond", "latencyMillis"));
      }
    }
    return tree;
  }

  /** What a partial run reports is what it has done. */
  @Test
  void stoppedRunIsPartialAndCountsOnlyWhatWasDone() {
    Progress progress = new Progress();
    Report report =
        new Simulation(
                ScenarioLoader.load(Project.example("fashion-drift.conf"), List.of()),
                progress,
                () -> progress.batches == 3)
            .run();
    assertTrue(report.partial());
    assertEquals(1, report.runs().size());
    assertEquals(3 * 64, report.runs().get(0).methods().get(0).samples());
    assertFalse(ReportWriter.json(report).contains("NaN"));
  }

  private static final class Progress implements ProgressListener {
    private long planned;
    private int batches;

    @Override
    public void planned(long samples) {
      planned = samples;
    }

    @Override
    public void advanced(String run, int samples, Map<String, Double> accuracies) {
      batches++;
    }
  }

  /** Nobody waits for the plan of a run that is to stop. */
  @Test
  void aRunThatIsStoppedWhileItIsPlannedHasNoReport() {
    Progress progress = new Progress();
    int[] asked = {0};
    Simulation simulation =
        new Simulation(
            ScenarioLoader.load(Project.example("fashion-drift.conf"), List.of()),
            progress,
            () -> asked[0]++ == 1);
    assertThrows(StoppedException.class, simulation::run);
    assertEquals(2, asked[0]);
    assertEquals(0, progress.planned);
  }
}
