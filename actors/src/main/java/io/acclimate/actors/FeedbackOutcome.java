package io.acclimate.actors;

/** What became of labels that were given for a prediction. */
public enum FeedbackOutcome {
  /** At least one of the labels was new; it is counted and stands in the journal. */
  ACCEPTED,
  /** All of these samples had their labels before; the first label of a sample stays. */
  DUPLICATE,
  /** The stream has made no such prediction, or answered the batch with an error. */
  UNKNOWN,
  /**
   * The prediction is too long ago ({@code feedback-predictions}), or was made before the stream
   * was brought back.
   */
  EXPIRED
}
