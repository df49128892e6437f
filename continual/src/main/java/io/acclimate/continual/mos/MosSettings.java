package io.acclimate.continual.mos;

import io.acclimate.bank.retrieval.RetrievalProvider;
import io.acclimate.bank.retrieval.RetrievalProvider.Need;
import io.acclimate.bank.retrieval.RetrievalStrategy;
import io.acclimate.bank.statistics.StatisticsSettings;
import io.acclimate.continual.tuning.TuningSettings;
import io.acclimate.runtime.settings.SettingsReader;
import java.util.Set;

/**
 * The settings of {@link Mos}; defaults and meanings stand in this module's {@code reference.conf}.
 *
 * @param tuning how adapters and head are tuned
 * @param mergeWeight the share of the mean of earlier adapters in each step, 0 to 1
 * @param orthogonality what the second term of the loss is multiplied by, at least 0
 * @param statistics what is remembered of the features of a class
 * @param alignment how the head is aligned after a task
 * @param retrieval which adapter is asked for a sample
 * @param stages what answers
 */
public record MosSettings(
    TuningSettings tuning,
    double mergeWeight,
    double orthogonality,
    StatisticsSettings statistics,
    AlignmentSettings alignment,
    RetrievalStrategy retrieval,
    Stages stages) {

  /** What answers. */
  public enum Stages {
    /** Both: the probabilities of prototypes and of the adapter that was found, added up. */
    BOTH,
    /** The prototypes alone, under the first adapter. */
    PROTOTYPES,
    /** The adapter that was found alone. */
    ADAPTERS
  }

  static MosSettings read(SettingsReader settings) {
    return new MosSettings(
        TuningSettings.read(settings),
        settings.number("merge-weight", 0, 1),
        settings.number("orthogonality", 0, 1e6),
        StatisticsSettings.read(settings.child("statistics")),
        AlignmentSettings.read(settings.child("alignment")),
        RetrievalProvider.read(settings, Set.of(Need.PROTOTYPES, Need.LOGITS)),
        settings.choice("stages", Stages.class));
  }
}
