package io.acclimate.continual.hft;

import io.acclimate.continual.tuning.TuningSettings;
import io.acclimate.runtime.settings.SettingsReader;

/**
 * The settings of {@link Hft}; defaults and meanings stand in this module's {@code reference.conf}.
 *
 * @param tuning how modules are tuned
 * @param unit what is chosen or not as a whole
 * @param variant when the other half gets its values back
 */
public record HftSettings(TuningSettings tuning, Unit unit, Variant variant) {
  /** What is chosen or not as a whole. */
  public enum Unit {
    /** All parameters of a module at a site; a category is a module at one kind of site. */
    SITE,
    /** One parameter at a site; a category is one of a module's parameters. */
    TENSOR
  }

  /** When the half that is not chosen gets its values back. */
  public enum Variant {
    /** It never changes. */
    HALF_FINE_TUNING,
    /** It is trained like the rest and put back at the end of the task. */
    HALF_RESET
  }

  static HftSettings read(SettingsReader settings) {
    return new HftSettings(
        TuningSettings.readWithHead(settings),
        settings.choice("unit", Unit.class),
        settings.choice("variant", Variant.class));
  }
}
