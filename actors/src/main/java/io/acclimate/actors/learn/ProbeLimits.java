package io.acclimate.actors.learn;

import io.acclimate.continual.LabelledBatch;
import io.acclimate.runtime.settings.SettingsReader;

/**
 * How much is kept of accepted tasks to measure forgetting on: a learner that runs for years must
 * not need more disk and time for each decision. Immutable.
 *
 * @param mostTasks of how many accepted tasks, the latest ones
 * @param mostSamples how many held-out samples of each, spread over its classes
 */
public record ProbeLimits(int mostTasks, int mostSamples) {
  static ProbeLimits read(SettingsReader reader) {
    reader.rejectUnknown();
    return new ProbeLimits(
        reader.integer("most-tasks", 0, 1_000_000), reader.integer("most-samples", 1, 1_000_000));
  }

  /** What is kept of held-out samples; the very same where all of them may stay. */
  LabelledBatch of(LabelledBatch heldOut) {
    return heldOut.labels().length <= mostSamples
        ? heldOut
        : Samples.pick(heldOut, Samples.spread(heldOut.labels(), mostSamples));
  }
}
