package io.acclimate.simulators.tasks;

import io.acclimate.simulators.report.TextTable;
import io.acclimate.simulators.tasks.ContinualReport.MethodResult;
import io.acclimate.simulators.tasks.ContinualReport.SeedResult;
import io.acclimate.simulators.tasks.ContinualReport.Spread;
import io.acclimate.simulators.tasks.ContinualReport.Summary;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** Sums up runs over their seeds, for the report and the terminal. Stateless. */
public final class Summaries {
  private static final int PERCENT = 100;

  private Summaries() {}

  /**
   * Each method over the seeds with which it has finished all tasks, in the order of the methods.
   */
  static List<Summary> of(List<SeedResult> runs, int tasks) {
    List<String> names =
        runs.stream()
            .flatMap(run -> run.methods().stream())
            .map(MethodResult::name)
            .distinct()
            .toList();
    List<Summary> summaries = new ArrayList<>();
    for (String name : names) {
      List<MethodResult> finished =
          runs.stream()
              .flatMap(run -> run.methods().stream())
              .filter(method -> method.name().equals(name))
              .filter(method -> method.stageAccuracies().length == tasks)
              .toList();
      if (!finished.isEmpty()) {
        summaries.add(
            new Summary(
                name,
                finished.size(),
                spread(finished, MethodResult::lastAccuracy),
                spread(finished, MethodResult::averageAccuracy),
                spread(finished, MethodResult::forgetting)));
      }
    }
    return summaries;
  }

  private static Spread spread(List<MethodResult> results, ToDoubleFunction<MethodResult> figure) {
    double mean = results.stream().mapToDouble(figure).average().orElseThrow();
    double squares =
        results.stream()
            .mapToDouble(result -> Math.pow(figure.applyAsDouble(result) - mean, 2))
            .sum();
    return new Spread(mean, Math.sqrt(squares / Math.max(1, results.size() - 1)));
  }

  /** A table for the terminal: every seed, then all of them where there are several. */
  public static String text(ContinualReport report) {
    String table = TextTable.layOut(table(report));
    return report.partial()
        ? table + "PARTIAL: the run was stopped before its end%n".formatted()
        : table;
  }

  /** A line for each learner that could not go on; empty when all could. */
  public static List<String> failures(ContinualReport report) {
    List<String> lines = new ArrayList<>();
    for (SeedResult run : report.runs()) {
      run.failures()
          .forEach(
              (name, why) -> lines.add("seed %d, %s ended in %s".formatted(run.seed(), name, why)));
    }
    return lines;
  }

  private static List<String[]> table(ContinualReport report) {
    List<String[]> rows = new ArrayList<>();
    rows.add(
        new String[] {
          "seed",
          "method",
          "last",
          "average",
          "forgetting",
          "task",
          "told",
          "forward",
          "forwards",
          "bytes/task"
        });
    for (SeedResult run : report.runs()) {
      for (MethodResult method : run.methods()) {
        rows.add(
            new String[] {
              Long.toString(run.seed()),
              method.name(),
              percent(method.lastAccuracy()),
              percent(method.averageAccuracy()),
              percent(method.forgetting()),
              orDash(method.taskAccuracy()),
              orDash(method.toldAccuracy()),
              orDash(method.forwardTransfer()),
              Integer.toString(method.forwardsPerPrediction()),
              "%,.0f".formatted(method.bytesPerTask())
            });
      }
    }
    if (report.runs().size() > 1) {
      for (Summary summary : report.summary()) {
        rows.add(
            new String[] {
              "all " + summary.seeds(),
              summary.name(),
              percent(summary, summary.lastAccuracy()),
              percent(summary, summary.averageAccuracy()),
              percent(summary, summary.forgetting()),
              "",
              "",
              "",
              "",
              ""
            });
      }
    }
    return rows;
  }

  private static String orDash(Double share) {
    return share == null ? "-" : percent(share);
  }

  private static String percent(double share) {
    return "%.2f".formatted(PERCENT * share);
  }

  /** One seed has no deviation. */
  private static String percent(Summary of, Spread spread) {
    return of.seeds() == 1
        ? percent(spread.mean())
        : "%.2f ± %.2f".formatted(PERCENT * spread.mean(), PERCENT * spread.deviation());
  }
}
