package io.acclimate.simulators.cli;

import io.acclimate.simulators.run.ProgressListener;
import java.io.PrintWriter;
import java.util.Map;
import java.util.stream.Collectors;

/** Shows the progress of a simulation with the running accuracy of each method. */
final class ProgressDisplay implements ProgressListener, AutoCloseable {
  private static final int LINES = 20;

  private final ProgressLine line;
  private long total;
  private long done;

  ProgressDisplay(PrintWriter err) {
    this.line = new ProgressLine(err, "samples", LINES);
  }

  @Override
  public void planned(long samples) {
    total = samples;
  }

  @Override
  public void advanced(String run, int samples, Map<String, Double> accuracy) {
    done += samples;
    line.show(done, total, () -> "%s (%s)".formatted(text(accuracy), run));
  }

  private static String text(Map<String, Double> accuracy) {
    return accuracy.entrySet().stream()
        .map(entry -> "%s %.1f".formatted(entry.getKey(), 100 * entry.getValue()))
        .collect(Collectors.joining(", "));
  }

  @Override
  public void close() {
    line.close();
  }
}
