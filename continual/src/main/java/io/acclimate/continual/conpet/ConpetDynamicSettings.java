package io.acclimate.continual.conpet;

import io.acclimate.bank.retrieval.RetrievalProvider;
import io.acclimate.bank.retrieval.RetrievalProvider.Need;
import io.acclimate.bank.retrieval.RetrievalStrategy;
import io.acclimate.continual.tuning.TuningSettings;
import io.acclimate.replay.memory.MemorySettings;
import io.acclimate.runtime.settings.SettingsReader;
import java.util.Set;

/**
 * The settings of {@link ConpetDynamic}; defaults and meanings stand in this module's {@code
 * reference.conf}.
 *
 * @param tuning how modules and selector are tuned
 * @param rehearsal which samples are kept for the selector and how many are learned again
 * @param targets what the selector is trained to tell apart
 * @param ewcStrength what the penalty on the selector is multiplied by, at least 0
 * @param retrieval which modules are asked
 */
public record ConpetDynamicSettings(
    TuningSettings tuning,
    MemorySettings rehearsal,
    Targets targets,
    double ewcStrength,
    RetrievalStrategy retrieval) {

  /** What the selector is trained to tell apart. */
  public enum Targets {
    /** Tasks, as in the paper. */
    TASKS,
    /** Classes; a task is as likely as its classes together. */
    CLASSES
  }

  static ConpetDynamicSettings read(SettingsReader settings) {
    return new ConpetDynamicSettings(
        TuningSettings.read(settings),
        ConpetStaticSettings.readRehearsal(settings),
        settings.choice("selector-targets", Targets.class),
        settings.number("ewc-strength", 0, 1e12),
        RetrievalProvider.read(settings, Set.of(Need.SELECTOR)));
  }
}
