package io.acclimate.continual.shift;

import io.acclimate.runtime.settings.SettingsReader;

/**
 * The settings of {@link ShiftDetector}; defaults and meanings stand in this module's {@code
 * reference.conf} under {@code acclimate.continual.shift}.
 *
 * @param drift the distance beyond the expected one that is still taken for chance, from 0
 * @param threshold the sum of what is beyond that makes a shift, above 0
 * @param warmUp samples that make the reference before anything is compared, at least 2
 */
public record ShiftSettings(double drift, double threshold, int warmUp) {
  /** Reads settings and leaves their mistakes with the reader. */
  public static ShiftSettings read(SettingsReader settings) {
    settings.rejectUnknown();
    return new ShiftSettings(
        settings.number("drift", 0, 1e6),
        settings.number("threshold", 1e-3, 1e9),
        settings.integer("warm-up", 2, 1_000_000));
  }
}
