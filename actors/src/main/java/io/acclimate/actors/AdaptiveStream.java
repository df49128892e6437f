package io.acclimate.actors;

import akka.actor.typed.ActorRef;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.TensorSpec;
import java.nio.FloatBuffer;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One stream of data with adaptation state of its own. Batches are answered in the order in which
 * they were given.
 *
 * <p>Thread-safe; the order of calls from several threads is the order in which they arrive.
 */
public final class AdaptiveStream {
  private final String id;
  private final boolean needsLabels;
  private final AdaptiveRuntime runtime;
  private final ActorRef<StreamAgent.Command> agent;
  private final StreamCounters counters;
  private final Semaphore permits;
  private final int capacity;
  private final AtomicLong sequence;
  private final AtomicInteger domains;
  private final CompletableFuture<Void> stopped = new CompletableFuture<>();
  private volatile boolean closed;

  AdaptiveStream(
      String id,
      boolean needsLabels,
      AdaptiveRuntime runtime,
      ActorRef<StreamAgent.Command> agent,
      StreamCounters counters,
      int capacity,
      Optional<RuntimeState.Restored> restored) {
    this.id = id;
    this.needsLabels = needsLabels;
    this.runtime = runtime;
    this.agent = agent;
    this.counters = counters;
    this.capacity = capacity;
    this.sequence = new AtomicLong(restored.map(RuntimeState.Restored::nextBatch).orElse(0L));
    this.domains = new AtomicInteger(restored.map(RuntimeState.Restored::domains).orElse(0));
    this.permits = new Semaphore(capacity);
  }

  /** The stream's id. */
  public String id() {
    return id;
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
  public CompletionStage<Prediction> predict(Tensor batch) {
    return submit(batch, null, false);
  }

  /**
   * Answers one batch and learns from it, in the order of the method's protocol.
   *
   * @param batch as for {@link #predict}
   * @return as for {@link #predict}
   */
  public CompletionStage<Prediction> adapt(Tensor batch) {
    return submit(batch, null, true);
  }

  /**
   * The same for a batch whose true labels are known, as in a simulation. Only a control that says
   * so is shown the labels.
   *
   * @param batch as for {@link #predict}
   * @param labels {@code [batch]}, classes from 0
   */
  public CompletionStage<Prediction> adaptLabelled(Tensor batch, int[] labels) {
    return submit(batch, labels, true);
  }

  private CompletionStage<Prediction> submit(Tensor batch, int[] labels, boolean learn) {
    try {
      check(batch, labels);
    } catch (AcclimateException e) {
      counters.failed.increment();
      return CompletableFuture.failedFuture(e);
    }
    if (!permits.tryAcquire()) {
      return reject(
          new OverCapacityException(
              "stream %s: %d batches are under way, no more fit (stream-capacity)"
                  .formatted(id, capacity)));
    }
    CompletableFuture<Prediction> answer = new CompletableFuture<>();
    RuntimeException refusal =
        closed ? new IllegalStateException("stream " + id + " is closed") : runtime.enter(answer);
    if (refusal != null) {
      leave();
      return reject(refusal);
    }
    answer.whenComplete((prediction, error) -> leave());
    synchronized (this) {
      agent.tell(
          new StreamAgent.Predict(
              new Request(
                  sequence.getAndIncrement(),
                  batch,
                  needsLabels ? labels : null,
                  learn,
                  System.nanoTime(),
                  answer)));
    }
    return answer;
  }

  private CompletionStage<Prediction> reject(RuntimeException reason) {
    counters.rejected.increment();
    return CompletableFuture.failedFuture(reason);
  }

  /** Gives a permit back; the last batch of a closed stream ends its agent. */
  private void leave() {
    permits.release();
    if (closed && permits.availablePermits() == capacity) {
      agent.tell(new StreamAgent.Stop(stopped));
    }
  }

  private void check(Tensor batch, int[] labels) {
    TensorSpec spec = runtime.inputSpec();
    if (!spec.accepts(batch.shape())) {
      throw new AcclimateException(
          "stream %s: expected a batch %s, found %s".formatted(id, spec.shapeText(), batch));
    }
    if (batch.dim(0) == 0) {
      throw new AcclimateException("stream " + id + ": batch is empty");
    }
    if (labels != null && labels.length != batch.dim(0)) {
      throw new AcclimateException(
          "stream %s: expected %d labels, found %d".formatted(id, batch.dim(0), labels.length));
    }
    FloatBuffer values = batch.floats();
    int count = values.remaining();
    int perSample = count / (int) batch.dim(0);
    for (int k = 0; k < count; k++) {
      if (!Float.isFinite(values.get(k))) {
        throw new AcclimateException(
            "stream %s: expected finite values, found %s in sample %d at position %d"
                .formatted(id, values.get(k), k / perSample, k % perSample));
      }
    }
  }

  /** Forgets what the method has learned; takes effect between two batches. */
  public void reset() {
    agent.tell(new StreamAgent.Reset());
  }

  /**
   * Says that a new domain begins, which methods with an online protocol answer by forgetting;
   * takes effect between two batches.
   */
  public void beginDomain() {
    domains.incrementAndGet();
    agent.tell(new StreamAgent.BeginDomain());
  }

  /** How many domains were begun with {@link #beginDomain}, in the journal's earlier runs too. */
  public int domainsBegun() {
    return domains.get();
  }

  /** The number of the next batch; above 0 at first where the stream was brought back. */
  public long nextBatch() {
    return sequence.get();
  }

  CompletableFuture<Void> save() {
    CompletableFuture<Void> saved = new CompletableFuture<>();
    agent.tell(new StreamAgent.Save(saved));
    return saved;
  }

  /** What the stream has done so far. */
  public StreamStats stats() {
    return counters.snapshot();
  }

  /**
   * Refuses further batches; the agent ends when those under way are answered.
   *
   * @return completed when it has ended
   */
  CompletableFuture<Void> close() {
    closed = true;
    if (permits.availablePermits() == capacity) {
      agent.tell(new StreamAgent.Stop(stopped));
    }
    return stopped;
  }
}
