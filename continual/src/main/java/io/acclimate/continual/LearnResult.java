package io.acclimate.continual;

/**
 * What one batch did to a learner.
 *
 * @param loss the loss before the step; 0 for learners without one
 * @param refusal why the batch was refused, {@code ""} when it was learned
 */
public record LearnResult(double loss, String refusal) {
  /** A batch that was learned without a loss. */
  public static final LearnResult COUNTED = new LearnResult(0, "");

  /** The refusal of a batch of which no row counts. */
  public static final LearnResult NO_ROW_COUNTS =
      new LearnResult(0, "batch refused: no row counts");

  /** Whether the batch was learned. */
  public boolean applied() {
    return refusal.isEmpty();
  }
}
