package io.acclimate.simulators.cli;

import io.acclimate.simulators.tasks.ContinualProgress;
import java.io.PrintWriter;

/** Shows the progress of continual learners with their running accuracy. */
final class ContinualProgressDisplay implements ContinualProgress, AutoCloseable {
  private static final int LINES = 1000;

  private final ProgressLine line;

  ContinualProgressDisplay(PrintWriter err) {
    this.line = new ProgressLine(err, "tasks", LINES);
  }

  @Override
  public void advanced(Place now) {
    line.show(now.done(), now.total(), () -> text(now));
  }

  private static String text(Place now) {
    String accuracy = now.accuracy() < 0 ? "" : " %.1f".formatted(100 * now.accuracy());
    return "seed %d, %s%s (task %d)"
        .formatted(now.seed(), now.method(), accuracy, now.window() + 1);
  }

  @Override
  public void close() {
    line.close();
  }
}
