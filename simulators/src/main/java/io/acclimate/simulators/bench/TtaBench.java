package io.acclimate.simulators.bench;

import io.acclimate.simulators.Home;
import io.acclimate.simulators.report.Report;
import io.acclimate.simulators.report.Summary;
import io.acclimate.simulators.report.TextTable;
import io.acclimate.simulators.run.ProgressListener;
import io.acclimate.simulators.run.Simulation;
import io.acclimate.simulators.scenario.Scenario;
import io.acclimate.simulators.scenario.ScenarioLoader;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * All test-time methods in all regimes of {@code examples/tta-matrix.conf}: gains over the frozen
 * model by regime, and what each method costs.
 */
public final class TtaBench implements Benchmark {
  private static final double POINTS = 100;

  @Override
  public Map<String, Double> run(Progress progress) {
    Scenario scenario = ScenarioLoader.load(Home.example("tta-matrix.conf"), List.of());
    Report report = new Simulation(scenario, new Lines(progress), () -> false).run();
    TextTable.layOut(TextTable.summary(report.summary())).lines().forEach(progress);
    TextTable.layOut(costs(report)).lines().forEach(progress);
    return figures(report.summary());
  }

  private static Map<String, Double> figures(List<Summary> summaries) {
    Map<String, Double> figures = new LinkedHashMap<>();
    String frozen = summaries.get(0).method();
    for (Summary summary : summaries) {
      String name = summary.regime() + "." + summary.method();
      if (summary.method().equals(frozen)) {
        figures.put(name + ".accuracy", summary.accuracy());
      } else {
        figures.put(name + ".gainPoints", POINTS * summary.gain());
        figures.put(name + ".deviationPoints", POINTS * summary.gainDeviation());
        figures.put(name + ".worstDomainPoints", POINTS * summary.worstDomainGain());
      }
    }
    return figures;
  }

  /** What a method costs on the first run: passes of the model, time and memory. */
  private static List<String[]> costs(Report report) {
    List<String[]> rows = new ArrayList<>();
    Report.Run run = report.runs().get(0);
    rows.add(new String[] {"method", "forwards", "backwards", "p50 ms", "p99 ms", "state bytes"});
    for (Report.MethodResult method : run.methods()) {
      rows.add(
          new String[] {
            method.name(),
            "%.2f".formatted(method.forwardsPerBatch()),
            "%.2f".formatted(method.backwardsPerBatch()),
            "%.1f".formatted(method.latencyMillis().p50()),
            "%.1f".formatted(method.latencyMillis().p99()),
            "%,d".formatted(method.stateBytes())
          });
    }
    return rows;
  }

  /** A line whenever another run begins. */
  private static final class Lines implements ProgressListener {
    private final Progress progress;
    private String run = "";

    Lines(Progress progress) {
      this.progress = progress;
    }

    @Override
    public void planned(long samples) {
      progress.accept("%,d samples in all".formatted(samples));
    }

    @Override
    public void advanced(String now, int samples, Map<String, Double> accuracies) {
      progress.checkpoint();
      if (!now.equals(run)) {
        run = now;
        progress.accept(now);
      }
    }
  }
}
