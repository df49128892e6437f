package io.acclimate.actors;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The door of a runtime: what may come in, and what is under way. Thread-safe. */
final class Intake {
  private final RuntimeSettings settings;
  private final Optional<JournalPort> journal;
  private final Set<CompletableFuture<Prediction>> batches = ConcurrentHashMap.newKeySet();
  private final Set<CompletableFuture<?>> commands = ConcurrentHashMap.newKeySet();
  private boolean closed;

  Intake(RuntimeSettings settings, Optional<JournalPort> journal) {
    this.settings = settings;
    this.journal = journal;
  }

  /** Takes a batch in; null when it may enter, else why not. */
  synchronized RuntimeException enter(CompletableFuture<Prediction> answer) {
    RuntimeException refusal = refusal();
    if (refusal != null) {
      return refusal;
    }
    if (batches.size() >= settings.capacity()) {
      return new OverCapacityException(
          settings.capacity() + " batches are under way in the runtime, no more fit (capacity)");
    }
    batches.add(answer);
    return null;
  }

  /** A batch that was taken in is answered. */
  void leave(CompletableFuture<Prediction> answer) {
    batches.remove(answer);
  }

  /** Takes in what an agent does between two batches; null when it may enter, else why not. */
  synchronized RuntimeException enterCommand(CompletableFuture<?> done) {
    RuntimeException refusal = refusal();
    if (refusal == null) {
      commands.add(done);
      done.whenComplete((value, error) -> commands.remove(done));
    }
    return refusal;
  }

  private RuntimeException refusal() {
    return closed
        ? new IllegalStateException("the runtime is closed")
        : journal.map(JournalPort::refusal).orElse(null);
  }

  /** Whether things may come in, however many are under way. */
  synchronized boolean isReady() {
    return !closed && journal.map(JournalPort::failure).isEmpty();
  }

  /** Whether no batch is under way. */
  boolean isIdle() {
    return batches.isEmpty();
  }

  /**
   * Says that things may come in.
   *
   * @throws IllegalStateException after close
   */
  synchronized void requireOpen() {
    if (closed) {
      throw new IllegalStateException("the runtime is closed");
    }
  }

  /** Lets nothing in any more; false when that was so already. */
  synchronized boolean close() {
    boolean first = !closed;
    closed = true;
    return first;
  }

  /** Waits for what is under way, and answers what takes too long. */
  void drain() {
    List<CompletableFuture<?>> last = new ArrayList<>(batches);
    last.addAll(commands);
    try {
      CompletableFuture.allOf(last.toArray(CompletableFuture[]::new))
          .exceptionally(error -> null)
          .get(settings.drain().toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException | ExecutionException e) {
      last.forEach(
          answer ->
              answer.completeExceptionally(
                  new IllegalStateException("the runtime was closed before this was done")));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
