package io.acclimate.bank.serving;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.acclimate.bank.pet.LoraSettings;
import io.acclimate.bank.pet.Pooling;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.method.MethodRegistry;
import io.acclimate.runtime.settings.SettingsReader;

/**
 * What adapters a model is served with; defaults and meanings stand in this module's {@code
 * reference.conf} under {@code acclimate.serving}.
 *
 * @param lora the places of low-rank changes; its rank is the largest that fits
 * @param slots how many adapters are loaded at a time, at least 1
 * @param head the heads that adapters may bring
 */
public record ServingSettings(LoraSettings lora, int slots, Head head) {
  /** Checks the ranges. */
  public ServingSettings {
    if (slots < 1 || lora.rank() < 1) {
      throw new AcclimateException(
          "serving: expected at least 1 slot and a rank from 1, found slots=%d rank=%d"
              .formatted(slots, lora.rank()));
    }
  }

  /**
   * The heads that adapters may bring.
   *
   * @param logits the model's output that a head takes the place of
   * @param features the model's output that a head reads; {@code ""} for what the model's own head
   *     reads
   * @param pooling how tokens become features
   * @param mask the model's input that says which tokens count, {@code ""} for all
   * @param classes the largest number of classes of a head; 0 when adapters have none
   */
  public record Head(String logits, String features, Pooling pooling, String mask, int classes) {}

  /** The defaults. */
  public static ServingSettings defaults() {
    return of(ConfigFactory.empty());
  }

  /**
   * Reads settings over the defaults.
   *
   * @throws io.acclimate.runtime.settings.SettingsException when there are mistakes; it lists all
   */
  public static ServingSettings of(Config given) {
    SettingsReader reader = new SettingsReader(given, defaultConfig(), "serving");
    ServingSettings settings = read(reader);
    reader.throwIfAny("serving settings");
    return settings;
  }

  /** The default of every setting. */
  public static Config defaultConfig() {
    return ConfigFactory.defaultReference(ServingSettings.class.getClassLoader())
        .getConfig("acclimate.serving");
  }

  /** Reads settings and leaves their mistakes with the reader. */
  public static ServingSettings read(SettingsReader reader) {
    reader.rejectUnknown();
    SettingsReader head = reader.child("head");
    head.rejectUnknown();
    SettingsReader lora = reader.of(reader.object("lora"), MethodRegistry.defaults("lora"), "lora");
    lora.rejectUnknown();
    int slots = reader.integer("slots", 1, 4096);
    LoraSettings places = LoraSettings.read(lora);
    if (places.rank() < 1) {
      lora.problem("rank", "expected at least 1, found " + places.rank());
      places = places.withRank(1);
    }
    return new ServingSettings(
        places,
        slots,
        new Head(
            head.text("logits"),
            head.text("features"),
            head.choice("pooling", Pooling.class),
            head.text("mask"),
            head.integer("classes", 0, 1_000_000)));
  }
}
