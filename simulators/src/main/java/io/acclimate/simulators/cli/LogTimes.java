package io.acclimate.simulators.cli;

import java.util.Properties;

/**
 * Lines of the log with their time, for commands that run for days. Other commands tell what they
 * do to somebody who looks on.
 */
final class LogTimes {
  private static final String LOGGER = "org.slf4j.simpleLogger.";

  private LogTimes() {}

  /** Shows them where no system property says otherwise; before the first logger is made. */
  static void show() {
    Properties properties = System.getProperties();
    properties.putIfAbsent(LOGGER + "showDateTime", "true");
    properties.putIfAbsent(LOGGER + "dateTimeFormat", "yyyy-MM-dd'T'HH:mm:ss.SSSXXX");
  }
}
