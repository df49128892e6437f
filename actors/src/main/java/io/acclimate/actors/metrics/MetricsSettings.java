package io.acclimate.actors.metrics;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.acclimate.runtime.settings.SettingsReader;

/**
 * How much the meters tell apart; meanings and defaults stand in this module's {@code
 * reference.conf} under {@code acclimate.metrics}.
 *
 * @param streamTags streams that have meters of their own; the others share those of the stream
 *     {@code other}
 * @param classTags classes up to which there is a meter of each class's share
 * @param driftSamples samples of the fast average that drift is measured with
 */
public record MetricsSettings(int streamTags, int classTags, int driftSamples) {
  /** The defaults. */
  public static MetricsSettings defaults() {
    return of(ConfigFactory.empty());
  }

  /**
   * Reads settings over the defaults.
   *
   * @throws io.acclimate.runtime.settings.SettingsException when there are mistakes; it lists all
   */
  public static MetricsSettings of(Config given) {
    SettingsReader reader = new SettingsReader(given, defaultConfig(), "metrics");
    MetricsSettings settings = read(reader);
    reader.throwIfAny("metrics settings");
    return settings;
  }

  /** The default of every setting. */
  public static Config defaultConfig() {
    return ConfigFactory.defaultReference(MetricsSettings.class.getClassLoader())
        .getConfig("acclimate.metrics");
  }

  /** Reads settings and leaves their mistakes with the reader. */
  public static MetricsSettings read(SettingsReader reader) {
    reader.rejectUnknown();
    return new MetricsSettings(
        reader.integer("stream-tags", 0, 100_000),
        reader.integer("class-tags", 0, 10_000),
        reader.integer("drift-samples", 1, 100_000_000));
  }
}
