package io.acclimate.simulators.cli;

import io.acclimate.simulators.run.ProgressListener;
import java.io.PrintWriter;
import java.util.Map;
import java.util.stream.Collectors;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/**
 * Shows the progress of a simulation with the running accuracy of each method: a bar on a terminal,
 * else a line for every twentieth of the way.
 */
final class ProgressDisplay implements ProgressListener, AutoCloseable {
  private static final int LINES = 20;
  private static final int USUAL_WIDTH = 80;
  private static final int LEAST_WIDTH = 40;

  private final PrintWriter err;
  private final boolean terminal = System.console() != null;
  private ProgressBar bar;
  private long total;
  private long done;

  ProgressDisplay(PrintWriter err) {
    this.err = err;
  }

  @Override
  public void planned(long samples) {
    total = samples;
    if (terminal) {
      bar =
          new ProgressBarBuilder()
              .setTaskName("samples")
              .setInitialMax(samples)
              .setStyle(ProgressBarStyle.ASCII)
              .setConsumer(new ConsoleProgressBarConsumer(System.err, width()))
              .build();
    }
  }

  /** The columns of the terminal, from the launcher: no library here asks without taking Ctrl-C. */
  private static int width() {
    int columns = Integer.getInteger("acclimate.columns", USUAL_WIDTH);
    return columns < LEAST_WIDTH ? USUAL_WIDTH : columns;
  }

  @Override
  public void advanced(String run, int samples, Map<String, Double> accuracy) {
    long before = done;
    done += samples;
    String text =
        accuracy.entrySet().stream()
            .map(entry -> "%s %.1f".formatted(entry.getKey(), 100 * entry.getValue()))
            .collect(Collectors.joining(", "));
    if (bar != null) {
      bar.stepTo(done);
      bar.setExtraMessage(" %s (%s)".formatted(text, run));
    } else if (before * LINES / total < done * LINES / total) {
      err.printf("%,d of %,d samples; %s: %s%n", done, total, run, text);
      err.flush();
    }
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
    }
  }
}
