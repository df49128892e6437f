package io.acclimate.actors;

import io.acclimate.runtime.state.State;
import java.util.concurrent.CompletableFuture;

/** What the agent of a stream understands. */
sealed interface StreamCommand {
  /** Concerns a batch, which has to be answered. */
  sealed interface OfBatch extends StreamCommand {
    Request request();
  }

  /** Somebody waits until it is done, or refused. */
  sealed interface Asked extends StreamCommand {
    CompletableFuture<?> done();
  }

  /** A batch from outside. */
  record Predict(Request request) implements OfBatch {}

  /** The model's answer. */
  record Inferred(Request request, ModelOutput output) implements OfBatch {}

  /**
   * The model could not answer.
   *
   * @param setAside whether it failed on this very batch twice
   */
  record Failed(Request request, RuntimeException cause, boolean setAside) implements OfBatch {}

  /**
   * True labels of an earlier batch.
   *
   * @param row the one sample that has a label; -1 when there is a label for each
   */
  record Feedback(long sequence, int row, int[] labels, CompletableFuture<FeedbackOutcome> done)
      implements Asked {}

  /**
   * Labels stand in the journal, where there is one, or it has refused them.
   *
   * @param refusal why they do not stand there; null when they do
   */
  record Recorded(Feedback feedback, PendingFeedback.Taken taken, Throwable refusal)
      implements Asked {
    @Override
    public CompletableFuture<FeedbackOutcome> done() {
      return feedback.done();
    }
  }

  /** Forget what the method has learned. */
  record Reset(String reason, CompletableFuture<Void> done) implements Asked {}

  /** A new domain begins. */
  record BeginDomain(CompletableFuture<Void> done) implements Asked {}

  /** Learn no more, or learn again. */
  record Freeze(boolean frozen, CompletableFuture<Void> done) implements Asked {}

  /** Somebody has chosen what the stream is served with. */
  record ServeWith(AdapterChoice choice, CompletableFuture<Void> done) implements Asked {}

  /** Give the learned state. */
  record TakeSnapshot(CompletableFuture<byte[]> done) implements Asked {}

  /** Go on from this state. */
  record Restore(State state, CompletableFuture<Void> done) implements Asked {}

  /** Put the method's state on disk until it is needed. */
  record Passivate(CompletableFuture<Void> done) implements Asked {}

  /** Hand the method's state to the journal. */
  record Save(CompletableFuture<Void> done) implements Asked {}

  /** Say how the stream stands to a journal that did not take all of its events. */
  record CatchUp(CompletableFuture<Void> done) implements Asked {}

  /** The stream is closed. */
  record Stop(CompletableFuture<Void> done) implements Asked {}
}
