package io.acclimate.continual.conpet;

import io.acclimate.bank.retrieval.RetrievalStrategy;
import io.acclimate.bank.retrieval.SelectorProvider;
import io.acclimate.continual.tuning.TuningSettings;
import io.acclimate.replay.memory.MemorySettings;
import io.acclimate.runtime.settings.SettingsReader;

/**
 * The settings of {@link ConpetDynamic}; defaults and meanings stand in this module's {@code
 * reference.conf}.
 *
 * @param tuning how modules and selector are tuned
 * @param rehearsal which samples are kept for the selector and how many are learned again
 * @param selection which modules are asked
 * @param topK how many those are, at least 1
 */
public record ConpetDynamicSettings(
    TuningSettings tuning, MemorySettings rehearsal, RetrievalStrategy selection, int topK) {
  static ConpetDynamicSettings read(SettingsReader settings) {
    return new ConpetDynamicSettings(
        TuningSettings.read(settings),
        ConpetStaticSettings.readRehearsal(settings),
        new SelectorProvider().create(settings),
        settings.integer("top-k", 1, 1_000_000));
  }
}
