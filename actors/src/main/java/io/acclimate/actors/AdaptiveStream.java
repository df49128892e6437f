package io.acclimate.actors;

import akka.actor.typed.ActorRef;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.state.State;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/**
 * One stream of data with adaptation state of its own. Batches are answered in the order in which
 * they were given; commands take effect between two batches, in the order of all calls.
 *
 * <p>Thread-safe; the order of calls from several threads is the order in which they arrive. What
 * depends on a returned stage without an executor of its own runs on a thread of the runtime, and
 * must not block it.
 */
public final class AdaptiveStream implements ServedStream {
  private final AdaptiveRuntime runtime;
  private final ActorRef<StreamCommand> agent;
  private final StreamMonitor monitor;
  private final InputCheck check;
  private final String method;
  private final boolean needsLabels;
  private final boolean runsModel;
  private final StreamIntake intake;
  private final AtomicInteger domains;

  /**
   * @param method the name of the method
   * @param runsModel whether the method runs the frozen model itself
   * @param nextBatch the number of the first batch
   * @param domainsBegun how many domains were begun before
   */
  AdaptiveStream(
      AdaptiveRuntime runtime,
      ActorRef<StreamCommand> agent,
      StreamMonitor monitor,
      InputCheck check,
      String method,
      boolean needsLabels,
      boolean runsModel,
      int capacity,
      long nextBatch,
      int domainsBegun) {
    this.runtime = runtime;
    this.agent = agent;
    this.monitor = monitor;
    this.check = check;
    this.method = method;
    this.needsLabels = needsLabels;
    this.runsModel = runsModel;
    this.intake = new StreamIntake(check.stream(), agent, capacity, nextBatch);
    this.domains = new AtomicInteger(domainsBegun);
  }

  @Override
  public CompletionStage<Void> serveWith(AdapterChoice choice) {
    try {
      runtime.learning().requireServable(id(), choice, runsModel);
    } catch (AcclimateException e) {
      return CompletableFuture.failedFuture(e);
    }
    return command(
        done -> {
          monitor.serveWith(choice);
          return new StreamCommand.ServeWith(choice, done);
        });
  }

  @Override
  public String id() {
    return check.stream();
  }

  @Override
  public String method() {
    return method;
  }

  /** How many batches may be under way. */
  public int capacity() {
    return intake.capacity();
  }

  /**
   * Answers one batch with what was learned so far. The method learns nothing from it: its state is
   * the same after.
   *
   * @param batch {@code [batch, ...]} as the model's input says, with finite values; must not be
   *     changed until the answer is there
   * @return the prediction; or, as the stage's failure, {@link AcclimateException} for bad input,
   *     {@link OverCapacityException} when too many batches are under way, {@link
   *     IllegalStateException} after close
   */
  @Override
  public CompletionStage<Prediction> predict(Tensor batch) {
    return submit(batch, null, false);
  }

  /**
   * Answers one batch and learns from it, in the order of the method's protocol. A frozen stream
   * only answers.
   *
   * @param batch as for {@link #predict}
   * @return as for {@link #predict}
   */
  @Override
  public CompletionStage<Prediction> adapt(Tensor batch) {
    return submit(batch, null, true);
  }

  /**
   * The same for a batch whose true labels are known, as in a simulation. Only a method that says
   * so is shown the labels.
   *
   * @param batch as for {@link #predict}
   * @param labels {@code [batch]}, classes from 0
   */
  public CompletionStage<Prediction> adaptLabelled(Tensor batch, int[] labels) {
    return submit(batch, labels, true);
  }

  /** The caller's stage ends after the batch has left: the next one fits in then. */
  private CompletionStage<Prediction> submit(Tensor batch, int[] labels, boolean learn) {
    try {
      check.batch(batch, labels);
    } catch (AcclimateException e) {
      monitor.failed(e.getMessage());
      return CompletableFuture.failedFuture(e);
    }
    CompletableFuture<Prediction> answer = new CompletableFuture<>();
    RuntimeException refusal = intake.enterBatch();
    if (refusal == null) {
      refusal = runtime.intake().enter(answer);
      if (refusal != null) {
        intake.leaveBatch();
      }
    }
    if (refusal != null) {
      return reject(refusal);
    }
    CompletableFuture<Prediction> left =
        answer.whenComplete(
            (prediction, error) -> {
              runtime.intake().leave(answer);
              intake.leaveBatch();
            });
    int[] shown = needsLabels ? labels : null;
    intake.tellBatch(
        number ->
            new StreamCommand.Predict(
                new Request(
                    number, batch, shown, learn, monitor.adapter(), System.nanoTime(), answer)));
    return left.minimalCompletionStage();
  }

  private <T> CompletionStage<T> reject(RuntimeException reason) {
    monitor.counters.rejected.increment();
    runtime.listeners().tell(listener -> listener.rejected(id(), reason));
    return CompletableFuture.failedFuture(reason);
  }

  /** Sends what the agent does between two batches. */
  private <T> CompletionStage<T> command(Function<CompletableFuture<T>, StreamCommand> message) {
    CompletableFuture<T> done = new CompletableFuture<>();
    RuntimeException refusal = runtime.intake().enterCommand(done);
    if (refusal != null) {
      return reject(refusal);
    }
    refusal = intake.tellCommand(() -> message.apply(done));
    if (refusal != null) {
      done.completeExceptionally(refusal);
      return reject(refusal);
    }
    return done.whenComplete((value, error) -> intake.leaveCommand()).minimalCompletionStage();
  }

  /**
   * Tells the true labels of an earlier prediction, early or late and in any order. They count for
   * the accuracy in {@link #stats()}, and stand in the journal where there is one. The first label
   * of a sample stays.
   *
   * @param predictionId {@link Prediction#predictionId()}
   * @param labels {@code [size]} of the prediction, classes from 0; -1 where one is not known yet
   * @return what became of them; when they were accepted, once they stand in the journal. Or, as
   *     the stage's failure, {@link AcclimateException} for labels that do not fit, and as for
   *     {@link #predict}
   */
  @Override
  public CompletionStage<FeedbackOutcome> feedback(String predictionId, int[] labels) {
    return feedback(predictionId, -1, labels.clone());
  }

  /**
   * The same for one sample of a prediction.
   *
   * @param row the sample's place in its batch, from 0
   * @param label its class, from 0
   */
  public CompletionStage<FeedbackOutcome> feedback(String predictionId, int row, int label) {
    if (row < 0) {
      return CompletableFuture.failedFuture(
          new AcclimateException(
              "stream %s: expected a row from 0, found %d".formatted(id(), row)));
    }
    return feedback(predictionId, row, new int[] {label});
  }

  private CompletionStage<FeedbackOutcome> feedback(String predictionId, int row, int[] labels) {
    try {
      check.feedback(labels);
    } catch (AcclimateException e) {
      return CompletableFuture.failedFuture(e);
    }
    long number = Prediction.sequence(id(), predictionId);
    return command(done -> new StreamCommand.Feedback(number, row, labels, done));
  }

  /**
   * Forgets what the method has learned.
   *
   * @return completed when it is done
   */
  @Override
  public CompletionStage<Void> reset() {
    return reset("asked for");
  }

  /**
   * Forgets what the method has learned.
   *
   * @param reason why, for listeners and the journal
   * @return completed when it is done
   */
  public CompletionStage<Void> reset(String reason) {
    return command(done -> new StreamCommand.Reset(reason, done));
  }

  /**
   * Stops all learning: batches are answered, the method's state stays. Freezing twice does
   * nothing.
   *
   * @return completed when it is done
   */
  @Override
  public CompletionStage<Void> freeze() {
    return command(done -> new StreamCommand.Freeze(true, done));
  }

  /**
   * Lets the stream learn again. Doing so twice does nothing.
   *
   * @return completed when it is done
   */
  @Override
  public CompletionStage<Void> unfreeze() {
    return command(done -> new StreamCommand.Freeze(false, done));
  }

  /**
   * What the stream has learned, as a safetensors file with a hash of its contents.
   *
   * @return the bytes, for {@link #restore} of a stream with the same model, method and settings
   */
  @Override
  public CompletionStage<byte[]> snapshot() {
    return command(StreamCommand.TakeSnapshot::new);
  }

  /**
   * Puts the method into the state of a snapshot. The numbers of batches go on.
   *
   * @param snapshot what {@link #snapshot} gave
   * @return completed when it is done; or, as the stage's failure, {@link AcclimateException} when
   *     the bytes are damaged or belong to another model, method or settings: the state is then as
   *     before
   */
  @Override
  public CompletionStage<Void> restore(byte[] snapshot) {
    State state;
    try {
      state = State.fromBytes(snapshot);
    } catch (AcclimateException e) {
      return CompletableFuture.failedFuture(
          new AcclimateException("stream %s, snapshot: %s".formatted(id(), e.getMessage()), e));
    }
    return command(done -> new StreamCommand.Restore(state, done));
  }

  /**
   * Says that a new domain begins, which methods with an online protocol answer by forgetting; a
   * frozen stream forgets nothing.
   *
   * @return completed when it is done
   */
  public CompletionStage<Void> beginDomain() {
    return command(
        done -> {
          domains.incrementAndGet();
          return new StreamCommand.BeginDomain(done);
        });
  }

  /** How many domains were begun with {@link #beginDomain}, in the journal's earlier runs too. */
  public int domainsBegun() {
    return domains.get();
  }

  /** The number of the next batch; above 0 at first where the stream was brought back. */
  public long nextBatch() {
    return intake.nextBatch();
  }

  /**
   * Writes the stream's state to disk and frees its memory, as happens to a stream that is idle for
   * long. The next call brings it back with the same bits.
   *
   * @return completed when it is done; or, as the stage's failure, {@link AcclimateException} when
   *     there is no folder for it or it cannot be written: the state then stays in memory
   */
  public CompletionStage<Void> passivate() {
    return command(StreamCommand.Passivate::new);
  }

  /** Passivates the stream where nothing was asked of it for so long. */
  void passivateWhenIdle(long idleNanos) {
    long before = intake.idleSince(idleNanos);
    if (before < 0) {
      return;
    }
    CompletionStage<Void> done = passivate();
    intake.putAway(before);
    done.exceptionally(
        error -> {
          monitor.noteError("the idle stream stays in memory: " + error.getMessage());
          return null;
        });
  }

  /** Says how the stream stands to a journal that did not take all of its events. */
  CompletableFuture<Void> catchUp() {
    CompletableFuture<Void> done = new CompletableFuture<>();
    agent.tell(new StreamCommand.CatchUp(done));
    return done;
  }

  CompletableFuture<Void> save() {
    CompletableFuture<Void> saved = new CompletableFuture<>();
    agent.tell(new StreamCommand.Save(saved));
    return saved;
  }

  /** What the stream has done so far, and how it stands. */
  public StreamStats stats() {
    return monitor.stats();
  }

  /** The same as {@link #stats()}, at once. */
  @Override
  public CompletionStage<StreamStats> fetchStats() {
    return CompletableFuture.completedStage(stats());
  }

  /** The latest batches that were set aside, at most 16. */
  public List<QuarantinedBatch> quarantined() {
    return monitor.quarantined();
  }

  /**
   * Refuses further calls; the agent ends when those under way are answered.
   *
   * @return completed when it has ended
   */
  CompletableFuture<Void> close() {
    return intake.close();
  }
}
