package io.acclimate.continual.conpet;

import io.acclimate.continual.tuning.TuningSettings;
import io.acclimate.replay.memory.MemorySettings;
import io.acclimate.runtime.settings.SettingsReader;

/**
 * The settings of {@link ConpetStatic}; defaults and meanings stand in this module's {@code
 * reference.conf}.
 *
 * @param tuning how the modules are tuned
 * @param rehearsal which samples are kept and how many are learned again
 * @param host what is done beside
 * @param ewcStrength what the penalty of {@link ConpetHost#EWC} is multiplied by, at least 0
 * @param emarSteps the steps of {@link ConpetHost#EMAR} after each pass, at least 0
 */
public record ConpetStaticSettings(
    TuningSettings tuning,
    MemorySettings rehearsal,
    ConpetHost host,
    double ewcStrength,
    int emarSteps) {
  /** Whether old samples are learned again; else classes compete within their task alone. */
  boolean rehearses() {
    return rehearsal.ratio() > 0;
  }

  static ConpetStaticSettings read(SettingsReader settings) {
    return new ConpetStaticSettings(
        TuningSettings.read(settings),
        readRehearsal(settings),
        settings.choice("host", ConpetHost.class),
        settings.number("ewc-strength", 0, 1e12),
        settings.integer("emar-steps", 0, 100_000));
  }

  /**
   * Reads the setting {@code rehearsal}; learners have no journal, so samples are copied, and a
   * curriculum of their own.
   */
  static MemorySettings readRehearsal(SettingsReader settings) {
    SettingsReader reader = settings.child("rehearsal");
    MemorySettings rehearsal = MemorySettings.read(reader);
    if (rehearsal.storage() == MemorySettings.Storage.REFERENCES) {
      reader.problem("storage", "a learner has no journal, so it needs storage = copies");
    }
    if (rehearsal.policy() == MemorySettings.Policy.DIFFICULTY) {
      reader.problem(
          "policy",
          "a learner draws old samples evenly, whatever their difficulty; curriculum-share draws from"
              + " easy to hard");
    }
    return rehearsal;
  }
}
