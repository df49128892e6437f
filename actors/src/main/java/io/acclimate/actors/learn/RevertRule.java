package io.acclimate.actors.learn;

import io.acclimate.runtime.settings.SettingsReader;

/**
 * When a serving adapter is taken back: when the last predictions with feedback are worse than what
 * was measured before it served. Immutable.
 *
 * @param window how many of the last samples are looked at
 * @param mostDrop the most that their accuracy may be below that on held-out samples, 0 to 1
 */
public record RevertRule(int window, double mostDrop) {
  static RevertRule read(SettingsReader reader) {
    reader.rejectUnknown();
    return new RevertRule(reader.integer("window", 1, 1_000_000), reader.number("most-drop", 0, 1));
  }
}
