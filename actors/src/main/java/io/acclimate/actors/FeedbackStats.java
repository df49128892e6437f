package io.acclimate.actors;

import java.util.OptionalDouble;

/**
 * What labels came in for a stream's predictions.
 *
 * @param accepted calls with at least one new label
 * @param duplicate calls whose samples all had their labels before
 * @param unknown calls for predictions that were never made
 * @param expired calls for predictions that are too long ago
 * @param samples samples with a label
 * @param correct those among them that were predicted right
 * @param frozenCorrect those that the frozen model alone would have predicted right
 */
public record FeedbackStats(
    long accepted,
    long duplicate,
    long unknown,
    long expired,
    long samples,
    long correct,
    long frozenCorrect) {
  /** No feedback at all. */
  public static final FeedbackStats NONE = new FeedbackStats(0, 0, 0, 0, 0, 0, 0);

  /** The share of labelled samples that were predicted right, 0 to 1; empty without labels. */
  public OptionalDouble accuracy() {
    return share(correct);
  }

  /** The same of the frozen model alone. */
  public OptionalDouble frozenAccuracy() {
    return share(frozenCorrect);
  }

  private OptionalDouble share(long right) {
    return samples == 0 ? OptionalDouble.empty() : OptionalDouble.of((double) right / samples);
  }
}
