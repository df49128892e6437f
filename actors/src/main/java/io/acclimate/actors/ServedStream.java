package io.acclimate.actors;

import io.acclimate.runtime.Tensor;
import java.util.concurrent.CompletionStage;

/**
 * A stream that can be used without knowing where it lives: in this process ({@link
 * AdaptiveStream}) or on any node of a cluster ({@link io.acclimate.actors.cluster.ClusterStream}).
 *
 * <p>Thread-safe. Stages fail with {@link io.acclimate.runtime.AcclimateException} for bad input,
 * {@link OverCapacityException} when too much is under way, {@link IllegalStateException} after
 * close, and {@link NoAnswerException} when no node has answered in time. What depends on a stage
 * without an executor of its own must not block.
 */
public interface ServedStream {
  /** The stream's id. */
  String id();

  /** The name of the method that it was opened with. */
  String method();

  /**
   * Answers one batch with what was learned so far; nothing is learned.
   *
   * @param batch {@code [batch, ...]} as the model's input says; must not be changed until the
   *     answer is there
   */
  CompletionStage<Prediction> predict(Tensor batch);

  /**
   * Answers one batch and learns from it.
   *
   * @param batch as for {@link #predict}
   */
  CompletionStage<Prediction> adapt(Tensor batch);

  /**
   * Tells the true labels of an earlier prediction.
   *
   * @param predictionId {@link Prediction#predictionId()}
   * @param labels {@code [size]} of the prediction, classes from 0; -1 where one is not known yet
   */
  CompletionStage<FeedbackOutcome> feedback(String predictionId, int[] labels);

  /** Stops all learning. */
  CompletionStage<Void> freeze();

  /** Lets the stream learn again. */
  CompletionStage<Void> unfreeze();

  /** Forgets what the method has learned. */
  CompletionStage<Void> reset();

  /**
   * Says what the stream is served with from the next batch on. One call of the model may serve
   * streams with different adapters. An adapter that cannot be served is answered with the frozen
   * model and the reason ({@link Prediction#fallback}). What the method has learned of one
   * adapter's output is not of another's: it is reset before the first batch that another adapter
   * answers. The choice is saved with the stream.
   *
   * @return completed when it holds; or, as the stage's failure, {@link
   *     io.acclimate.runtime.AcclimateException} where there is no bank of adapters, or the
   *     stream's method runs the frozen model itself
   */
  CompletionStage<Void> serveWith(AdapterChoice choice);

  /** What the stream has learned, for {@link #restore}. */
  CompletionStage<byte[]> snapshot();

  /**
   * Puts the method into the state of a snapshot.
   *
   * @param snapshot what {@link #snapshot} gave, of a stream with the same model, method and
   *     settings
   */
  CompletionStage<Void> restore(byte[] snapshot);

  /** What the stream has done since it was opened where it lives, and how it stands. */
  CompletionStage<StreamStats> fetchStats();
}
