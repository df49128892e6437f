package io.acclimate.simulators.shift;

import io.acclimate.runtime.AcclimateException;

/**
 * A condition under which samples are seen.
 *
 * @param corruption the name of what is done to them, {@code clean} for nothing
 * @param severity how strongly, from 1 to 5; 0 for {@code clean} and for it only
 */
public record Domain(String corruption, int severity) {
  /** The highest severity. */
  public static final int MAX_SEVERITY = 5;

  /** The samples as they are. */
  public static final Domain CLEAN = new Domain("clean", 0);

  /**
   * Checks the ranges.
   *
   * @throws AcclimateException if the name is blank or the severity does not go with it
   */
  public Domain {
    if (corruption.isBlank()) {
      throw new AcclimateException("domain: expected the name of a corruption, found none");
    }
    int least = corruption.equals("clean") ? 0 : 1;
    int most = least == 0 ? 0 : MAX_SEVERITY;
    if (severity < least || severity > most) {
      throw new AcclimateException(
          String.format(
              "domain %s: expected a severity from %d to %d, found %d",
              corruption, least, most, severity));
    }
  }

  /** Whether nothing is done to the samples. */
  public boolean isClean() {
    return severity == 0;
  }
}
