package io.acclimate.actors.learn;

import io.acclimate.bank.AdapterRef;
import java.util.Optional;

/** What a background learner tells its listener. Immutable. */
public sealed interface LearnerEvent {
  /**
   * A batch was learned, or refused because a number was not finite.
   *
   * @param task the number of the task, from 0
   * @param step the number of the step in the task, from 1
   * @param steps the steps that the task takes
   * @param loss the loss before the step
   * @param refusal why the batch was refused, {@code ""} when it was learned
   */
  record Step(long task, long step, long steps, double loss, String refusal)
      implements LearnerEvent {}

  /** A task was decided on. */
  record Decided(TaskDecision decision) implements LearnerEvent {}

  /** How it came that something else serves. */
  enum Change {
    /** Nothing changed: the learner was opened and says what serves. */
    START,
    /** A task passed the gate. */
    PROMOTION,
    /** Live predictions fell, and the version before was brought back. */
    REVERT,
    /** Somebody asked for what served in another version of the bank. */
    ROLLBACK
  }

  /**
   * What serves from now on.
   *
   * @param adapter the adapter; empty when the frozen model serves
   * @param bankVersion the version of the bank that says so
   * @param change how it came
   * @param reason why, for people
   */
  record Served(Optional<AdapterRef> adapter, long bankVersion, Change change, String reason)
      implements LearnerEvent {}
}
