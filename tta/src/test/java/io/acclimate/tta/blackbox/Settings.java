package io.acclimate.tta.blackbox;

import com.typesafe.config.ConfigFactory;
import io.acclimate.runtime.settings.SettingsReader;
import io.acclimate.tta.CorrectorProvider;

/** Settings of a method for a test. */
final class Settings {
  private Settings() {}

  static SettingsReader of(String method, String given) {
    return new SettingsReader(
        ConfigFactory.parseString(given), CorrectorProvider.defaults(method), method);
  }
}
