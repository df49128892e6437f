package io.acclimate.actors;

import akka.actor.typed.ActorRef;
import io.acclimate.replay.event.JournalEvent;
import io.acclimate.replay.event.StreamOpened;
import io.acclimate.runtime.AcclimateException;
import java.util.List;
import java.util.Set;
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
  private final CompletableFuture<ActorRef<JournalWriter.Command>> writer =
      new CompletableFuture<>();
  private volatile AcclimateException failure;

  JournalPort(int capacity) {
    this.capacity = capacity;
  }

  void attach(ActorRef<JournalWriter.Command> to) {
    writer.complete(to);
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

  /** A stream's present state, in the place of events that the journal did not take. */
  void catchUp(StreamOpened stream, List<JournalEvent> events, StreamState state, String hash) {
    tell(new JournalWriter.CatchUp(stream, events, new JournalWriter.Checkpoint(state, hash)));
  }

  /** A stream that cannot hand its state over is not waited for. */
  void giveUp(String stream) {
    tell(new JournalWriter.GiveUp(stream));
  }

  /**
   * Tries whether a journal that took no events takes them again.
   *
   * @return the streams that are to hand their state over
   */
  CompletableFuture<Set<String>> retry() {
    CompletableFuture<Set<String>> behind = new CompletableFuture<>();
    tell(new JournalWriter.Retry(behind));
    return behind;
  }

  private void tell(JournalWriter.Command message) {
    waiting.incrementAndGet();
    writer.thenAccept(to -> to.tell(message));
  }

  /** Called by the writer after each message. */
  void done() {
    waiting.decrementAndGet();
  }

  /** Called by the writer when the journal takes no more, and with null when it does again. */
  void fail(AcclimateException cause) {
    failure = cause;
  }

  /** Why the journal takes no more; null while it does. */
  AcclimateException failure() {
    return failure;
  }

  /** Why a batch cannot be taken in now; null when it can. */
  RuntimeException refusal() {
    AcclimateException cause = failure;
    if (cause != null) {
      return new IllegalStateException(
          "the journal takes no more events; the log has the cause", cause);
    }
    return waiting.get() < capacity
        ? null
        : new OverCapacityException(
            capacity + " events wait to be written to the journal, no more fit (queue-capacity)");
  }

  /** Lets the writer finish what waits and close the journal. */
  CompletableFuture<Void> close() {
    CompletableFuture<Void> closed = new CompletableFuture<>();
    writer.thenAccept(to -> to.tell(new JournalWriter.Close(closed))); // may still be on its way
    return closed;
  }
}
