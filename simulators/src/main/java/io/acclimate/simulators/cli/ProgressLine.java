package io.acclimate.simulators.cli;

import java.io.PrintWriter;
import java.util.function.Supplier;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** Shows how far a long command is: a bar on a terminal, else a line now and then. */
final class ProgressLine implements AutoCloseable {
  private static final int USUAL_WIDTH = 80;
  private static final int LEAST_WIDTH = 40;

  private final PrintWriter err;
  private final String unit;
  private final int lines;
  private final boolean terminal = System.console() != null;
  private ProgressBar bar;
  private long shown;

  /**
   * A display of nothing yet.
   *
   * @param unit what is counted, such as {@code samples}
   * @param lines how many lines the whole way takes where there is no terminal
   */
  ProgressLine(PrintWriter err, String unit, int lines) {
    this.err = err;
    this.unit = unit;
    this.lines = lines;
  }

  /**
   * Shows a place.
   *
   * @param done how much is done
   * @param total how much there is, at least 1
   * @param text what else there is to say; asked for only when it is shown
   */
  void show(long done, long total, Supplier<String> text) {
    if (terminal) {
      if (bar == null) {
        bar =
            new ProgressBarBuilder()
                .setTaskName(unit)
                .setInitialMax(total)
                .setStyle(ProgressBarStyle.ASCII)
                .setConsumer(new ConsoleProgressBarConsumer(System.err, width()))
                .build();
      }
      bar.stepTo(done);
      bar.setExtraMessage(" " + text.get());
    } else if (shown * lines / total < done * lines / total) {
      err.printf("%,d of %,d %s; %s%n", done, total, unit, text.get());
      err.flush();
    }
    shown = done;
  }

  /** The columns of the terminal, from the launcher: no library here asks without taking Ctrl-C. */
  private static int width() {
    int columns = Integer.getInteger("acclimate.columns", USUAL_WIDTH);
    return columns < LEAST_WIDTH ? USUAL_WIDTH : columns;
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
    }
  }
}
