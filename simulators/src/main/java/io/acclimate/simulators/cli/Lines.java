package io.acclimate.simulators.cli;

import java.io.PrintWriter;

/** Writes lines that somebody waits for. */
final class Lines {
  private Lines() {}

  /** Writes a line, which is seen at once. */
  static void print(PrintWriter to, String line) {
    to.println(line);
    to.flush();
  }
}
