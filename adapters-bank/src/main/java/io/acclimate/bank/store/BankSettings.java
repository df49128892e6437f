package io.acclimate.bank.store;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.acclimate.bank.codec.AdapterCodec;
import io.acclimate.bank.codec.Codecs;
import io.acclimate.runtime.settings.SettingsReader;

/**
 * The settings of an {@link AdapterBank}; defaults and meanings stand in this module's {@code
 * reference.conf} under {@code acclimate.bank}.
 *
 * @param cacheBytes bytes of adapters that are kept in memory
 * @param codec how tensors are stored from now on; what is stored already stays as it is
 */
public record BankSettings(long cacheBytes, AdapterCodec codec) {
  private enum Codec {
    LOSSLESS,
    FLOAT16,
    COMPEFT
  }

  /** The defaults. */
  public static BankSettings defaults() {
    return of(ConfigFactory.empty());
  }

  /**
   * Reads settings over the defaults.
   *
   * @throws io.acclimate.runtime.settings.SettingsException when there are mistakes; it lists all
   */
  public static BankSettings of(Config given) {
    SettingsReader reader = new SettingsReader(given, defaultConfig(), "bank");
    BankSettings settings = read(reader);
    reader.throwIfAny("bank settings");
    return settings;
  }

  /** The default of every setting. */
  public static Config defaultConfig() {
    return ConfigFactory.defaultReference(BankSettings.class.getClassLoader())
        .getConfig("acclimate.bank");
  }

  /** Reads settings and leaves their mistakes with the reader. */
  public static BankSettings read(SettingsReader reader) {
    reader.rejectUnknown();
    SettingsReader compeft = reader.child("compeft");
    compeft.rejectUnknown();
    double density = compeft.number("density", 1e-4, 0.5);
    double scale = compeft.number("scale", 0.01, 100);
    AdapterCodec codec =
        switch (reader.choice("codec", Codec.class)) {
          case LOSSLESS -> Codecs.lossless();
          case FLOAT16 -> Codecs.float16();
          case COMPEFT -> Codecs.compeft(density, scale);
        };
    return new BankSettings(reader.wholeNumber("cache-bytes", 0, 1_000_000_000_000L), codec);
  }
}
