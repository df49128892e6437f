package io.acclimate.actors;

import io.acclimate.actors.learn.BackgroundLearner;
import io.acclimate.runtime.Tensor;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Joins labels that come in later with the inputs they belong to, and hands both to the learner.
 * Keeps the inputs of the latest predictions up to a number of samples; without a learner it keeps
 * nothing. Thread-safe.
 */
final class LearnerFeed {
  private static final Logger LOG = LoggerFactory.getLogger(LearnerFeed.class);

  private final String input;
  private final Map<String, Waiting> waiting = new LinkedHashMap<>();
  private long samples;
  private volatile BackgroundLearner learner;
  private int capacity;

  private record Waiting(Tensor input, int[] predicted, Optional<ServedAdapter> adapter) {}

  /**
   * A feed.
   *
   * @param input the name of the model's input
   */
  LearnerFeed(String input) {
    this.input = input;
  }

  /** From now on labels go to a learner; {@code null} for none. */
  synchronized void attach(BackgroundLearner to, int mostSamples) {
    learner = to;
    capacity = mostSamples;
    waiting.clear();
    samples = 0;
  }

  /** A batch was answered; its input may change after this. */
  void answered(Tensor batch, Prediction prediction) {
    if (learner != null) {
      keep(
          prediction, new Waiting(batch.copy(), prediction.labels().clone(), prediction.adapter()));
    }
  }

  private synchronized void keep(Prediction prediction, Waiting added) {
    if (prediction.size() > capacity) {
      return;
    }
    Waiting replaced = waiting.put(prediction.predictionId(), added);
    samples += prediction.size() - (replaced == null ? 0 : replaced.predicted().length);
    Iterator<Waiting> eldest = waiting.values().iterator();
    while (samples > capacity) {
      samples -= eldest.next().predicted().length;
      eldest.remove();
    }
  }

  /**
   * Labels came in.
   *
   * @param labels {@code [size]}, {@link PendingFeedback#UNKNOWN_LABEL} where one is not new
   * @return what is said to who sent them, once the samples are on the learner's disk or it has
   *     refused them; never fails
   */
  CompletionStage<FeedbackOutcome> labelled(String stream, long sequence, int[] labels) {
    Waiting batch;
    BackgroundLearner to;
    synchronized (this) {
      batch = waiting.get(Prediction.id(stream, sequence));
      to = learner;
    }
    if (to == null) {
      return CompletableFuture.completedFuture(FeedbackOutcome.ACCEPTED);
    }
    if (batch == null) {
      LOG.debug("labels of stream {} are not learned: the inputs are no longer kept", stream);
      return CompletableFuture.completedFuture(FeedbackOutcome.NOT_LEARNED);
    }
    List<Integer> rows = new ArrayList<>();
    for (int row = 0; row < labels.length; row++) {
      if (labels[row] != PendingFeedback.UNKNOWN_LABEL) {
        rows.add(row);
      }
    }
    int[] known = rows.stream().mapToInt(row -> labels[row]).toArray();
    boolean[] correct = new boolean[known.length];
    for (int i = 0; i < known.length; i++) {
      correct[i] = batch.predicted()[rows.get(i)] == known[i];
    }
    CompletionStage<FeedbackOutcome> taken =
        to.offer(Map.of(input, pick(batch.input(), rows)), known)
            .whenComplete((task, error) -> warn(stream, error))
            .handle(
                (task, error) ->
                    error == null ? FeedbackOutcome.ACCEPTED : FeedbackOutcome.NOT_LEARNED);
    batch
        .adapter()
        .ifPresent(
            one -> to.feedback(one.ref(), correct).whenComplete((v, error) -> warn(stream, error)));
    return taken;
  }

  /** Under overload this happens often, so only the unexpected is told aloud. */
  private static void warn(String stream, Throwable error) {
    if (error instanceof OverCapacityException) {
      LOG.debug("labels of stream {} are not learned: {}", stream, error.getMessage());
    } else if (error != null) {
      LOG.warn("labels of stream {} are not learned: {}", stream, error.getMessage());
    }
  }

  private static Tensor pick(Tensor from, List<Integer> rows) {
    long[] shape = from.shape();
    int size = from.bytes().capacity() / (int) shape[0];
    shape[0] = rows.size();
    Tensor picked = Tensor.allocate(from.type(), shape);
    ByteBuffer target = picked.bytes();
    rows.forEach(row -> target.put(from.bytes().position(row * size).limit((row + 1) * size)));
    return picked;
  }
}
