package io.acclimate.actors;

import akka.actor.typed.ActorRef;
import io.acclimate.replay.event.JournalEvent;
import io.acclimate.runtime.AcclimateException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Where events go on their way to the journal: into the mailbox of its writer, off the path of
 * predictions. Counts what waits there, so that the runtime can refuse batches before the mailbox
 * grows without bound. Thread-safe.
 */
final class JournalPort {
  private final int capacity;
  private final AtomicInteger waiting = new AtomicInteger();
  private volatile ActorRef<JournalWriter.Command> writer;
  private volatile AcclimateException failure;

  JournalPort(int capacity) {
    this.capacity = capacity;
  }

  void attach(ActorRef<JournalWriter.Command> to) {
    writer = to;
  }

  void record(JournalEvent event) {
    tell(new JournalWriter.Append(event, null));
  }

  /** As {@link #record(JournalEvent)}; the future ends when the event is appended, or cannot be. */
  void record(JournalEvent event, CompletableFuture<Void> appended) {
    tell(new JournalWriter.Append(event, appended));
  }

  void checkpoint(StreamState state, String stateHash) {
    tell(new JournalWriter.Checkpoint(state, stateHash));
  }

  private void tell(JournalWriter.Command message) {
    waiting.incrementAndGet();
    writer.tell(message);
  }

  /** Called by the writer after each message. */
  void done() {
    waiting.decrementAndGet();
  }

  /** Called by the writer when the journal takes no more. */
  void fail(AcclimateException cause) {
    failure = cause;
  }

  /** Why the journal takes no more; null while it does. */
  AcclimateException failure() {
    return failure;
  }

  /** Why a batch cannot be taken in now; null when it can. */
  RuntimeException refusal() {
    if (failure != null) {
      return new AcclimateException(
          "the journal takes no more events: " + failure.getMessage(), failure);
    }
    return waiting.get() < capacity
        ? null
        : new OverCapacityException(
            capacity + " events wait to be written to the journal, no more fit (queue-capacity)");
  }

  /** Lets the writer finish what waits and close the journal. */
  CompletableFuture<Void> close() {
    CompletableFuture<Void> closed = new CompletableFuture<>();
    writer.tell(new JournalWriter.Close(closed));
    return closed;
  }
}
