package io.acclimate.actors.serve;

import java.util.function.IntConsumer;
import org.eclipse.jetty.server.Request;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs what was refused, with no more than some lines a second however many clients misbehave. What
 * comes from outside is written without control characters. Thread-safe.
 */
final class RefusalLog {
  private static final Logger LOG = LoggerFactory.getLogger(RefusalLog.class);
  private static final int LINES_A_SECOND = 10;
  private static final long SECOND_NANOS = 1_000_000_000L;
  private static final int MAX_CHARACTERS = 200;

  private final IntConsumer counter;
  private long secondBegan = System.nanoTime();
  private int lines;
  private long silent;

  /**
   * @param counter is told the status of each refusal
   */
  RefusalLog(IntConsumer counter) {
    this.counter = counter;
  }

  void note(Request request, int status, String reason) {
    counter.accept(status);
    if (mayWrite()) {
      LOG.warn(
          "refused {} {} of {}: {} {}",
          clean(request.getMethod()),
          clean(request.getHttpURI().getPath()),
          Request.getRemoteAddr(request),
          status,
          clean(reason));
    }
  }

  private synchronized boolean mayWrite() {
    long now = System.nanoTime();
    if (now - secondBegan >= SECOND_NANOS) {
      if (silent > 0) {
        LOG.warn("{} further requests were refused", silent);
      }
      secondBegan = now;
      lines = 0;
      silent = 0;
    }
    lines++;
    if (lines > LINES_A_SECOND) {
      silent++;
    }
    return lines <= LINES_A_SECOND;
  }

  static String clean(String text) {
    String printable = String.valueOf(text).replaceAll("[^\\x20-\\x7e]", "?");
    return printable.length() <= MAX_CHARACTERS
        ? printable
        : printable.substring(0, MAX_CHARACTERS) + "...";
  }
}
