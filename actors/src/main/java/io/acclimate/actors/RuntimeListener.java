package io.acclimate.actors;

/**
 * Is told what happens in a runtime: the seam for metrics, flight recording and pages. All methods
 * do nothing by default.
 *
 * <p>Calls come from the threads of the runtime, for one stream in the order of what happened, for
 * several streams at the same time: a listener must be thread-safe, must not block, and should take
 * no more than a few microseconds. A batch's answer is handed over before a listener is told of it.
 * What a listener throws is logged and goes no further.
 */
public interface RuntimeListener {
  /** A stream was opened. */
  default void opened(AdaptiveStream stream) {}

  /** A stream was closed and its last batch answered. */
  default void closed(String stream) {}

  /**
   * A batch was answered. The resets and choices before it are in its {@link Prediction#events()}.
   *
   * @param learned whether the method was shown the batch to learn from
   */
  default void predicted(Prediction prediction, boolean learned) {}

  /**
   * The model was called, for one request or for several together.
   *
   * @param requests how many
   * @param rows rows of all of them
   * @param filling rows that only filled the call up
   * @param nanos time of the call
   */
  default void inferred(int requests, int rows, int filling, long nanos) {}

  /** A stream's method was made new or put into another state because somebody asked for it. */
  default void reset(String stream, String reason) {}

  /** A batch was refused at the door: too many under way, or closed. */
  default void rejected(String stream, RuntimeException reason) {}

  /** A batch ended with an error. */
  default void failed(String stream, RuntimeException cause) {}

  /** A batch was set aside: the model or the method failed on it twice. */
  default void quarantined(QuarantinedBatch batch) {}

  /** Labels came in for a prediction. */
  default void feedback(String stream, String predictionId, FeedbackOutcome outcome) {}

  /** A stream was told to learn no more, or to learn again. */
  default void frozen(String stream, boolean frozen) {}

  /** An idle stream's state was written to disk and its memory freed. */
  default void passivated(String stream) {}

  /** A stream's state is back in memory. */
  default void revived(String stream) {}

  /** A stream's agent failed and was started anew from its latest good state. */
  default void restarted(String stream, String reason) {}
}
