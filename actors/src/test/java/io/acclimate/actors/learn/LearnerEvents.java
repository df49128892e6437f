package io.acclimate.actors.learn;

import io.acclimate.bank.AdapterRef;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What a learner tells in a short life: one task serves, one is refused, one diverges. */
public final class LearnerEvents {
  private static final AdapterRef FIRST = new AdapterRef("learned", 1);

  private LearnerEvents() {}

  /** Two steps and the task they were of, which serves. */
  public static List<LearnerEvent> promotion() {
    TaskDecision decision =
        new TaskDecision(
            0,
            "monday",
            TaskDecision.Verdict.PROMOTED,
            TaskDecision.Cause.PASSED,
            "passed",
            0.9,
            0.6,
            new TreeMap<>(),
            Optional.of(FIRST));
    return List.of(
        served(Optional.empty(), 0, LearnerEvent.Change.START, "start"),
        new LearnerEvent.Step(0, 1, 2, 2.5, ""),
        new LearnerEvent.Step(0, 2, 2, 1.25, ""),
        new LearnerEvent.Decided(decision),
        served(Optional.of(FIRST), 1, LearnerEvent.Change.PROMOTION, "task 0 passed"));
  }

  /** A task that the gate refuses because it forgets. */
  public static List<LearnerEvent> refusal() {
    TaskDecision decision =
        new TaskDecision(
            1,
            "tuesday",
            TaskDecision.Verdict.REFUSED,
            TaskDecision.Cause.MOST_FORGETTING,
            "task 0 monday lost 0.3000",
            0.8,
            0.5,
            new TreeMap<>(Map.of("0 monday", 0.3, "0 sunday", -0.1)),
            Optional.empty());
    return List.of(new LearnerEvent.Decided(decision));
  }

  /** A task whose first batch is refused, and which is given up. */
  public static List<LearnerEvent> divergence() {
    TaskDecision decision =
        new TaskDecision(
            2,
            "wednesday",
            TaskDecision.Verdict.DIVERGED,
            TaskDecision.Cause.NOT_FINITE,
            "1 batches in a row refused",
            0,
            0.5,
            new TreeMap<>(),
            Optional.empty());
    return List.of(
        new LearnerEvent.Step(2, 1, 2, Double.NaN, "loss NaN"), new LearnerEvent.Decided(decision));
  }

  /** The first adapter is taken back. */
  public static LearnerEvent revert() {
    return served(Optional.empty(), 2, LearnerEvent.Change.REVERT, "accuracy 0.2000");
  }

  /** Somebody goes back to the first adapter. */
  public static LearnerEvent rollback() {
    return served(Optional.of(FIRST), 8, LearnerEvent.Change.ROLLBACK, "rolled back to version 1");
  }

  private static LearnerEvent served(
      Optional<AdapterRef> adapter, long bankVersion, LearnerEvent.Change change, String reason) {
    return new LearnerEvent.Served(adapter, bankVersion, change, reason);
  }
}
