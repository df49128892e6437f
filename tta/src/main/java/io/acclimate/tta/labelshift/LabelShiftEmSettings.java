package io.acclimate.tta.labelshift;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.settings.SettingsReader;
import io.acclimate.tta.CorrectorProvider;

/**
 * The settings of {@link LabelShiftEm}; the defaults stand in this module's {@code reference.conf}.
 *
 * @param windowSamples latest samples the estimate is made of; 0: each batch by itself
 * @param strength samples of the source distribution that are added, finite and at least 0
 * @param maxIterations the most updates of one estimate, at least 1
 */
public record LabelShiftEmSettings(int windowSamples, double strength, int maxIterations) {
  /** Checks the ranges. */
  public LabelShiftEmSettings {
    if (windowSamples < 0
        || !(strength >= 0 && strength < Double.POSITIVE_INFINITY)
        || maxIterations < 1) {
      throw new AcclimateException(
          "label-shift-em: window-samples=%d, strength=%s, max-iterations=%d: out of range"
              .formatted(windowSamples, strength, maxIterations));
    }
  }

  /** The defaults. */
  public static LabelShiftEmSettings defaults() {
    var defaults = CorrectorProvider.defaults(LabelShiftEmProvider.NAME);
    return read(new SettingsReader(defaults, defaults, LabelShiftEmProvider.NAME));
  }

  /** Reads the settings; what is wrong is noted in the reader. */
  public static LabelShiftEmSettings read(SettingsReader settings) {
    return new LabelShiftEmSettings(
        settings.integer("window-samples", 0, 10_000_000),
        settings.number("strength", 0, 1e9),
        settings.integer("max-iterations", 1, 100_000));
  }
}
