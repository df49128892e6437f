package io.acclimate.actors.learn;

import io.acclimate.runtime.settings.SettingsReader;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;

/**
 * The check that a candidate passes before it serves: good enough on held-out samples of the new
 * task, better than what served before, and not worse by much on those of earlier tasks. Immutable.
 *
 * @param leastAccuracy the least accuracy on the new task, 0 to 1
 * @param leastGain by how much it must be above that of what served before, -1 to 1
 * @param mostForgetting the most that the accuracy on an earlier task may have lost, 0 to 1
 */
public record PromotionGate(double leastAccuracy, double leastGain, double mostForgetting) {
  /**
   * Why a candidate does not pass.
   *
   * @param cause which of the checks it was
   * @param reason with the numbers, for people
   */
  public record Refusal(TaskDecision.Cause cause, String reason) {}

  static PromotionGate read(SettingsReader reader) {
    reader.rejectUnknown();
    return new PromotionGate(
        reader.number("least-accuracy", 0, 1),
        reader.number("least-gain", -1, 1),
        reader.number("most-forgetting", 0, 1));
  }

  /**
   * Decides on a candidate.
   *
   * @param accuracy on held-out samples of the new task
   * @param baseline accuracy of what served before on the same samples
   * @param forgetting by earlier task what its accuracy has lost
   * @return why the candidate is refused; empty when it passes
   */
  public Optional<Refusal> refusal(
      double accuracy, double baseline, SortedMap<String, Double> forgetting) {
    if (!(accuracy >= leastAccuracy)) {
      return refused(
          TaskDecision.Cause.LEAST_ACCURACY,
          "accuracy %.4f on held-out samples, expected at least %.4f (gate.least-accuracy)"
              .formatted(accuracy, leastAccuracy));
    }
    if (!(accuracy - baseline >= leastGain)) {
      return refused(
          TaskDecision.Cause.LEAST_GAIN,
          "accuracy %.4f on held-out samples against %.4f of what serves, expected a gain of at"
                  .formatted(accuracy, baseline)
              + " least %.4f (gate.least-gain)".formatted(leastGain));
    }
    for (Map.Entry<String, Double> task : forgetting.entrySet()) {
      if (!(task.getValue() <= mostForgetting)) {
        return refused(
            TaskDecision.Cause.MOST_FORGETTING,
            "task %s lost %.4f of its accuracy, expected at most %.4f (gate.most-forgetting)"
                .formatted(task.getKey(), task.getValue(), mostForgetting));
      }
    }
    return Optional.empty();
  }

  private static Optional<Refusal> refused(TaskDecision.Cause cause, String reason) {
    return Optional.of(new Refusal(cause, reason));
  }
}
