package io.acclimate.simulators.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Shows a report as a table for the terminal. */
public final class TextTable {
  private TextTable() {}

  /** One table per run: methods by accuracy, throughput and latency, then accuracy by domain. */
  public static String of(Report report) {
    StringBuilder text = new StringBuilder();
    for (Report.Run run : report.runs()) {
      text.append(
          "%n%s, %s, seed %d: %,d samples, batches of %d%n"
              .formatted(
                  report.scenario().name(),
                  run.regime(),
                  run.seed(),
                  run.samples(),
                  run.batchSize()));
      text.append(layOut(methods(run)));
      if (!run.methods().isEmpty() && run.methods().get(0).domains().size() > 1) {
        text.append(System.lineSeparator()).append(layOut(domains(run)));
      }
    }
    if (report.runs().size() > 1) {
      text.append("%ngain over frozen in points, mean and deviation over the seeds%n".formatted());
      text.append(layOut(summary(report.summary())));
    }
    text.append(
        "frozen: the model alone; oracle: pooled by the true labels, more than any method can know%n"
            .formatted());
    report.notes().forEach(note -> text.append("note: ").append(note).append("%n".formatted()));
    if (report.partial()) {
      text.append("PARTIAL: the run was stopped before its end%n".formatted());
    }
    return text.toString();
  }

  private static List<String[]> methods(Report.Run run) {
    List<String[]> rows = new ArrayList<>();
    rows.add(
        new String[] {
          "method",
          "accuracy",
          "gain",
          "samples/s",
          "p50 ms",
          "p95 ms",
          "p99 ms",
          "forwards",
          "resets",
          "missed"
        });
    double frozen = run.methods().isEmpty() ? 0 : run.methods().get(0).accuracy();
    for (Report.MethodResult method : run.methods()) {
      rows.add(
          new String[] {
            method.name(),
            percent(method.accuracy()),
            "%+.2f".formatted(100 * (method.accuracy() - frozen)),
            "%.0f".formatted(method.samplesPerSecond()),
            "%.2f".formatted(method.latencyMillis().p50()),
            "%.2f".formatted(method.latencyMillis().p95()),
            "%.2f".formatted(method.latencyMillis().p99()),
            "%.2f".formatted(method.forwardsPerBatch()),
            "%d".formatted(method.resets()),
            "%d".formatted(method.missed())
          });
    }
    return rows;
  }

  private static List<String[]> domains(Report.Run run) {
    List<String[]> rows = new ArrayList<>();
    List<String> head = new ArrayList<>(List.of("domain", "severity", "samples"));
    run.methods().forEach(method -> head.add(method.name()));
    rows.add(head.toArray(String[]::new));
    List<Report.DomainResult> domains = run.methods().get(0).domains();
    for (int d = 0; d < domains.size(); d++) {
      Report.DomainResult domain = domains.get(d);
      List<String> row = new ArrayList<>();
      row.add(domain.name());
      row.add(String.valueOf(domain.severity()));
      row.add(String.valueOf(domain.samples()));
      for (Report.MethodResult method : run.methods()) {
        Report.DomainResult result = method.domains().get(d);
        row.add(result.samples() == 0 ? "-" : percent(result.accuracy()));
      }
      rows.add(row.toArray(String[]::new));
    }
    return rows;
  }

  /** A row for each method, a column for each regime; the accuracy itself for the frozen model. */
  public static List<String[]> summary(List<Summary> summaries) {
    Map<String, List<String>> rows = new LinkedHashMap<>();
    List<String> head = new ArrayList<>(List.of("method"));
    Summary frozen = summaries.get(0);
    for (Summary summary : summaries) {
      boolean control = summary.method().equals(frozen.method());
      if (control) {
        head.add(summary.regime());
      }
      rows.computeIfAbsent(summary.method(), name -> new ArrayList<>(List.of(name)))
          .add(
              control
                  ? percent(summary.accuracy())
                  : "%+.2f (%.2f)".formatted(100 * summary.gain(), 100 * summary.gainDeviation()));
    }
    List<String[]> table = new ArrayList<>();
    table.add(head.toArray(String[]::new));
    rows.values().forEach(row -> table.add(row.toArray(String[]::new)));
    return table;
  }

  private static String percent(double share) {
    return String.format(Locale.ROOT, "%.2f %%", 100 * share);
  }

  /** Lays rows out in columns: the first to the left, the others to the right. */
  public static String layOut(List<String[]> rows) {
    int[] widths = new int[rows.get(0).length];
    for (String[] row : rows) {
      for (int c = 0; c < row.length; c++) {
        widths[c] = Math.max(widths[c], row[c].length());
      }
    }
    StringBuilder text = new StringBuilder();
    for (String[] row : rows) {
      StringBuilder line = new StringBuilder();
      for (int c = 0; c < row.length; c++) {
        String pad = " ".repeat(widths[c] - row[c].length());
        line.append(c == 0 ? row[c] + pad : "  " + pad + row[c]);
      }
      text.append(line.toString().stripTrailing()).append(System.lineSeparator());
    }
    return text.toString();
  }
}
