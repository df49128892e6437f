package io.acclimate.actors.learn;

import io.acclimate.bank.AdapterRef;
import java.util.Collections;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What became of a task that was learned.
 *
 * @param task the number of the task, from 0
 * @param name the task's name
 * @param verdict what became of it
 * @param cause why, for counting
 * @param reason why, for people
 * @param accuracy of the candidate on the task's held-out samples, 0 to 1; 0 when it was not
 *     measured
 * @param baseline accuracy on them of what served before
 * @param forgetting by earlier task what its accuracy has lost since it was accepted
 * @param adapter what serves the task from now on, where the verdict is {@link Verdict#PROMOTED}
 */
public record TaskDecision(
    long task,
    String name,
    Verdict verdict,
    Cause cause,
    String reason,
    double accuracy,
    double baseline,
    SortedMap<String, Double> forgetting,
    Optional<AdapterRef> adapter) {

  /** What may become of a task. */
  public enum Verdict {
    /** It passed the gate and serves. */
    PROMOTED,
    /** It passed the gate, but the learner is in shadow mode: the frozen model serves. */
    SHADOW,
    /** It did not pass the gate. The learner is what it was before the task. */
    REFUSED,
    /** Numbers were not finite. The learner is what it was before the task. */
    DIVERGED,
    /** The task could not be learned. The learner is what it was before the task. */
    FAILED
  }

  /** Why a task ended as it did. */
  public enum Cause {
    /** Nothing spoke against the candidate. */
    PASSED,
    /** The accuracy on the new task was below {@code gate.least-accuracy}. */
    LEAST_ACCURACY,
    /** The gain over what serves was below {@code gate.least-gain}. */
    LEAST_GAIN,
    /** An earlier task lost more than {@code gate.most-forgetting}. */
    MOST_FORGETTING,
    /** Losses, gradients or scores were not finite. */
    NOT_FINITE,
    /** The task has too few samples, or the method cannot learn it. */
    NOT_LEARNED
  }

  /** Copies the map. */
  public TaskDecision {
    forgetting = Collections.unmodifiableSortedMap(new TreeMap<>(forgetting));
  }

  /** Whether the candidate was measured: not when its numbers were not finite or it failed. */
  public boolean measured() {
    return verdict != Verdict.DIVERGED && verdict != Verdict.FAILED;
  }

  /** The largest of what earlier tasks have lost; empty when there were none to measure. */
  public OptionalDouble mostForgetting() {
    return forgetting.values().stream().mapToDouble(Double::doubleValue).max();
  }

  /** The same decision with the adapter that serves. */
  TaskDecision withAdapter(AdapterRef ref) {
    return new TaskDecision(
        task, name, verdict, cause, reason, accuracy, baseline, forgetting, Optional.of(ref));
  }
}
