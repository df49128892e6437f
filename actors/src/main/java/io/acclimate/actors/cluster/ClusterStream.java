package io.acclimate.actors.cluster;

import akka.actor.typed.ActorRef;
import akka.cluster.sharding.typed.javadsl.EntityRef;
import io.acclimate.actors.AdapterChoice;
import io.acclimate.actors.FeedbackOutcome;
import io.acclimate.actors.NoAnswerException;
import io.acclimate.actors.OverCapacityException;
import io.acclimate.actors.Prediction;
import io.acclimate.actors.ServedStream;
import io.acclimate.actors.StoppedException;
import io.acclimate.actors.StreamStats;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.Tensor;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/**
 * A stream of the cluster, as seen from one node; it may live on any. Calls through one handle are
 * done in their order, one after the other; those of several nodes in the order in which they
 * arrive.
 *
 * <p>When a node is lost, calls under way are sent again until {@code request-seconds} have passed.
 * A call that was done already is answered and not done again. Where there is no answer in time,
 * the stage fails with {@link NoAnswerException}, and with {@link AcclimateException} for bad
 * input, {@link OverCapacityException} when too many calls wait, and at once with {@link
 * StoppedException} when the stream's agent fails again and again.
 *
 * <p>Thread-safe. What depends on a returned stage without an executor of its own runs on a thread
 * of the cluster, and must not block it.
 */
public final class ClusterStream implements ServedStream {
  private static final long PAUSE_MILLIS = 100;

  private final EntityRef<StreamEntity.Command> entity;
  private final StreamCall template;
  private final ClusterSettings settings;
  private final int capacity;
  private final Executor paused;
  private CompletableFuture<StreamReply> tail = CompletableFuture.completedFuture(null);
  private long calls;
  private int waiting;

  /** Whether any call was done, so that the stream has had a record. */
  private boolean answered;

  /** Ends when the stream has; null while it is not being closed. */
  private CompletableFuture<Void> closing;

  /** The figures of a stream that has ended; null before. */
  private StreamStats last;

  ClusterStream(
      EntityRef<StreamEntity.Command> entity,
      String method,
      String methodSettings,
      ClusterSettings settings,
      int capacity) {
    this.entity = entity;
    this.template =
        new StreamCall(
            UUID.randomUUID().toString(),
            0,
            method,
            methodSettings,
            StreamCall.Work.LOCATE,
            null,
            null,
            null,
            null);
    this.settings = settings;
    this.capacity = capacity;
    this.paused = CompletableFuture.delayedExecutor(PAUSE_MILLIS, TimeUnit.MILLISECONDS);
  }

  @Override
  public String id() {
    return entity.getEntityId();
  }

  @Override
  public String method() {
    return template.method();
  }

  /** Whether this handle was opened for that method with those settings. */
  boolean isOf(String method, String methodSettings) {
    return template.method().equals(method) && template.settings().equals(methodSettings);
  }

  /**
   * Answers one batch with what was learned so far.
   *
   * @param batch {@code [batch, ...]} as the model's input says; copied before the call returns
   */
  @Override
  public CompletionStage<Prediction> predict(Tensor batch) {
    return predicted(StreamCall.Work.PREDICT, batch, null);
  }

  /**
   * Answers one batch and learns from it.
   *
   * @param batch as for {@link #predict}
   */
  @Override
  public CompletionStage<Prediction> adapt(Tensor batch) {
    return predicted(StreamCall.Work.ADAPT, batch, null);
  }

  /**
   * The same for a batch whose true labels are known, as in a simulation.
   *
   * @param batch as for {@link #predict}
   * @param labels {@code [batch]}, classes from 0
   */
  public CompletionStage<Prediction> adaptLabelled(Tensor batch, int[] labels) {
    return predicted(StreamCall.Work.ADAPT, batch, labels.clone());
  }

  /**
   * Tells the true labels of an earlier prediction. Those of a prediction that was made before the
   * stream moved come too late ({@link FeedbackOutcome#EXPIRED}).
   *
   * @param predictionId {@link Prediction#predictionId()}
   * @param labels {@code [size]} of the prediction, classes from 0; -1 where one is not known yet
   */
  @Override
  public CompletionStage<FeedbackOutcome> feedback(String predictionId, int[] labels) {
    return submit(
        StreamCall.Work.FEEDBACK,
        null,
        labels.clone(),
        predictionId,
        reply -> ((StreamReply.Judged) reply).outcome());
  }

  /** Stops all learning. */
  @Override
  public CompletionStage<Void> freeze() {
    return control(StreamCall.Work.FREEZE).thenAccept(node -> {});
  }

  /** Lets the stream learn again. */
  @Override
  public CompletionStage<Void> unfreeze() {
    return control(StreamCall.Work.UNFREEZE).thenAccept(node -> {});
  }

  /** Forgets what the method has learned. */
  @Override
  public CompletionStage<Void> reset() {
    return control(StreamCall.Work.RESET).thenAccept(node -> {});
  }

  @Override
  public CompletionStage<Void> serveWith(AdapterChoice choice) {
    return submit(StreamCall.Work.SERVE_WITH, null, null, choice.text(), reply -> (Void) null);
  }

  /**
   * What the stream has learned.
   *
   * @return the bytes; or, as the stage's failure, {@link AcclimateException} where they do not fit
   *     into a message
   */
  @Override
  public CompletionStage<byte[]> snapshot() {
    return submit(
        StreamCall.Work.SNAPSHOT,
        null,
        null,
        null,
        reply -> ((StreamReply.Snapshot) reply).bytes());
  }

  /**
   * Puts the method into the state of a snapshot.
   *
   * @param snapshot what {@link #snapshot} gave
   */
  @Override
  public CompletionStage<Void> restore(byte[] snapshot) {
    return submit(
        StreamCall.Work.RESTORE,
        StreamCall.Batch.ofBytes(snapshot),
        null,
        null,
        reply -> (Void) null);
  }

  /**
   * How the stream stands on the node where it lives; it counts from when it came there. Of a
   * stream that was closed, how it ended.
   */
  @Override
  public CompletionStage<StreamStats> fetchStats() {
    synchronized (this) {
      if (last != null) {
        return CompletableFuture.completedStage(last);
      }
    }
    return submit(
        StreamCall.Work.STATS, null, null, null, reply -> ((StreamReply.Stats) reply).stats());
  }

  /**
   * Closes the stream, after what is under way through this handle. Later calls are refused; those
   * of other handles open a stream that begins anew.
   *
   * @return completed when it has ended
   */
  synchronized CompletionStage<Void> close() {
    CompletableFuture<Void> end = closing;
    if (end == null) {
      CompletionStage<StreamStats> figures =
          submit(
              StreamCall.Work.CLOSE,
              null,
              null,
              null,
              reply -> ((StreamReply.Stats) reply).stats());
      CompletableFuture<Void> begun = new CompletableFuture<>();
      end = begun;
      closing = begun;
      figures.whenComplete((stats, error) -> ended(begun, stats, error));
    }
    return end.minimalCompletionStage();
  }

  private void ended(CompletableFuture<Void> end, StreamStats stats, Throwable error) {
    synchronized (this) {
      last = stats;
      closing = error == null ? end : null; // where it is not known it can be closed again
    }
    if (error == null) {
      end.complete(null);
    } else {
      end.completeExceptionally(error);
    }
  }

  synchronized boolean isAnswered() {
    return answered;
  }

  /** Where the stream lives: the node's {@code host:port}. A stream that is not open is opened. */
  public CompletionStage<String> node() {
    return control(StreamCall.Work.LOCATE);
  }

  private CompletionStage<String> control(StreamCall.Work work) {
    return submit(work, null, null, null, reply -> ((StreamReply.Done) reply).node());
  }

  private CompletionStage<Prediction> predicted(StreamCall.Work work, Tensor batch, int[] labels) {
    return submit(
        work,
        StreamCall.Batch.of(batch),
        labels,
        null,
        reply -> ((StreamReply.Predicted) reply).prediction());
  }

  private <T> CompletionStage<T> submit(
      StreamCall.Work work,
      StreamCall.Batch batch,
      int[] labels,
      String about,
      Function<StreamReply, T> result) {
    StreamCall call = template.asking(work, batch, labels, about);
    try {
      MessageSize.require("stream " + id(), call.size(), settings.messageBytes());
    } catch (AcclimateException e) {
      return CompletableFuture.failedFuture(e);
    }
    CompletableFuture<StreamReply> reply;
    synchronized (this) {
      if (closing != null) {
        return CompletableFuture.failedFuture(
            new IllegalStateException("stream " + id() + " is closed"));
      }
      if (waiting == capacity) {
        return CompletableFuture.failedFuture(
            new OverCapacityException(
                "stream %s: %d calls are under way, no more fit (stream-capacity)"
                    .formatted(id(), capacity)));
      }
      waiting++;
      StreamCall numbered = call.numbered(++calls);
      reply = tail.handle((before, error) -> before).thenCompose(before -> send(numbered));
      tail = reply;
    }
    return reply
        .whenComplete((value, error) -> left(error == null))
        .thenApply(value -> result.apply(accepted(value)))
        .minimalCompletionStage();
  }

  private synchronized void left(boolean done) {
    waiting--;
    answered |= done;
  }

  private static StreamReply accepted(StreamReply reply) {
    if (reply instanceof StreamReply.Failed failed) {
      throw new AcclimateException(failed.message());
    }
    if (reply instanceof StreamReply.Stopped stopped) {
      throw new StoppedException(stopped.message());
    }
    return reply;
  }

  private CompletionStage<StreamReply> send(StreamCall call) {
    return send(call, System.nanoTime() + settings.request().toNanos());
  }

  /** Asks, and again where there is no answer and time is left. */
  private CompletionStage<StreamReply> send(StreamCall call, long deadline) {
    return entity
        .ask((ActorRef<StreamReply> replyTo) -> call.withReplyTo(replyTo), settings.retry())
        .handle((reply, error) -> next(call, reply, error, deadline))
        .thenCompose(next -> next);
  }

  private CompletionStage<StreamReply> next(
      StreamCall call, StreamReply reply, Throwable error, long deadline) {
    boolean answered = error == null && !(reply instanceof StreamReply.Later);
    if (answered) {
      return CompletableFuture.completedFuture(reply);
    }
    Throwable cause = error instanceof CompletionException ? error.getCause() : error;
    boolean again = cause == null || cause instanceof TimeoutException;
    if (again && System.nanoTime() < deadline) {
      return CompletableFuture.runAsync(() -> {}, paused).thenCompose(done -> send(call, deadline));
    }
    String last = reply instanceof StreamReply.Later later ? later.reason() : String.valueOf(cause);
    return CompletableFuture.failedFuture(
        new NoAnswerException(
            "stream %s: no answer within %d seconds, it is not known whether the call was done; last: %s"
                .formatted(id(), settings.request().toSeconds(), last),
            cause));
  }
}
