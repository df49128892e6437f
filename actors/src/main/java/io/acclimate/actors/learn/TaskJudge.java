package io.acclimate.actors.learn;

import io.acclimate.continual.LabelledBatch;
import io.acclimate.runtime.AcclimateException;
import java.util.Collections;
import java.util.Optional;
import java.util.SortedMap;

/**
 * Measures a candidate on held-out samples against what serves and against what was known before,
 * and keeps the samples on which later candidates are measured. Not thread-safe.
 */
final class TaskJudge {
  private final LearnerParts parts;
  private final LearnerSettings settings;
  private final LearnerFiles files;
  private final AdapterPublisher publisher;
  private final LearnerProgress state;
  private double baseline;

  /**
   * What a candidate is worth.
   *
   * @param accuracy on held-out samples of its task
   * @param forgetting by earlier task what its accuracy has lost
   */
  record Worth(double accuracy, SortedMap<String, Double> forgetting) {
    /** It was not measured. */
    static final Worth UNKNOWN = new Worth(0, Collections.emptySortedMap());
  }

  TaskJudge(
      LearnerParts parts,
      LearnerSettings settings,
      LearnerFiles files,
      AdapterPublisher publisher,
      LearnerProgress state) {
    this.parts = parts;
    this.settings = settings;
    this.files = files;
    this.publisher = publisher;
    this.state = state;
  }

  /** A task begins: measures what serves now, the published learner or the frozen model. */
  void begin(LabelledBatch heldOut) {
    if (!settings.shadow() && publisher.served().isPresent()) {
      baseline = TaskMeasure.accuracy(state.learner(), heldOut);
    } else {
      baseline =
          parts
              .logits()
              .map(logits -> FrozenAccuracy.of(parts.backbone(), logits, heldOut))
              .orElse(0.0);
    }
  }

  /**
   * Measures the learner as it is now.
   *
   * @throws AcclimateException when a score is not finite, or a probe cannot be read
   */
  Worth measure(LabelledBatch heldOut) {
    return new Worth(
        TaskMeasure.accuracy(state.learner(), heldOut),
        TaskMeasure.forgetting(state.learner(), files, state.task()));
  }

  /** Why the candidate does not serve; empty when it passes the gate. */
  Optional<PromotionGate.Refusal> refusal(Worth worth) {
    return settings.gate().refusal(worth.accuracy(), baseline, worth.forgetting());
  }

  /** Keeps held-out samples of the task, with the accuracy on them. */
  void keepProbe(LabelledBatch heldOut, Worth worth) {
    LabelledBatch kept = settings.probes().of(heldOut);
    double accuracy =
        kept == heldOut ? worth.accuracy() : TaskMeasure.accuracy(state.learner(), kept);
    String name = files.endedName(state.task()).orElse("");
    files.writeProbe(new LearnerFiles.Probe(state.task(), name, accuracy, kept));
  }

  /** The decision on the open task. */
  TaskDecision decision(
      TaskDecision.Verdict verdict, TaskDecision.Cause cause, String reason, Worth worth) {
    return new TaskDecision(
        state.task(),
        files.endedName(state.task()).orElse(""),
        verdict,
        cause,
        reason,
        worth.accuracy(),
        baseline,
        worth.forgetting(),
        Optional.empty());
  }
}
