package io.acclimate.continual.lae;

import io.acclimate.continual.tuning.TuningSettings;
import io.acclimate.runtime.settings.SettingsReader;

/**
 * The settings of {@link Lae}; defaults and meanings stand in this module's {@code reference.conf}.
 *
 * @param tuning how the online expert is tuned
 * @param keepPerTask the share of the offline expert that a task keeps, above 0 to 1
 * @param frozenShare the share of a later task's steps in which only the head learns, 0 to 1
 */
public record LaeSettings(TuningSettings tuning, double keepPerTask, double frozenShare) {
  static LaeSettings read(SettingsReader settings) {
    return new LaeSettings(
        TuningSettings.readWithHead(settings),
        settings.number("keep-per-task", 1e-6, 1),
        settings.number("frozen-share", 0, 1));
  }
}
