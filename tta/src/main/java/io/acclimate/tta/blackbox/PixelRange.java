package io.acclimate.tta.blackbox;

import io.acclimate.runtime.settings.SettingsReader;

/**
 * The range of an input's values.
 *
 * @param low the least
 * @param high the greatest, above the least
 */
record PixelRange(double low, double high) {
  static PixelRange read(SettingsReader settings) {
    settings.rejectUnknown();
    PixelRange range =
        new PixelRange(settings.number("low", -1e9, 1e9), settings.number("high", -1e9, 1e9));
    if (!(range.low < range.high)) {
      settings.problem("high", "expected more than low = " + range.low);
    }
    return range;
  }
}
