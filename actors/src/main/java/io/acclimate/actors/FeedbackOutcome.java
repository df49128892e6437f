package io.acclimate.actors;

/** What became of labels that were given for a prediction. */
public enum FeedbackOutcome {
  /**
   * At least one of the labels was new; it is counted and stands in the journal, and where there is
   * a learner its sample is on the learner's disk.
   */
  ACCEPTED,
  /**
   * As {@link #ACCEPTED}, but the learner has not taken the sample: the log says why, such as too
   * many that wait or a full disk. Sending it again does not help.
   */
  NOT_LEARNED,
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
