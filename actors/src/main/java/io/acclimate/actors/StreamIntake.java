package io.acclimate.actors;

import akka.actor.typed.ActorRef;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongFunction;
import java.util.function.Supplier;

/**
 * What is under way in one stream: bounds it, numbers the batches, hands all to the stream's agent
 * in one order, and knows when the stream is idle and when a closed one is at its end. Thread-safe.
 */
final class StreamIntake {
  /** Commands that may be under way; they share the agent's mailbox with the batches. */
  static final int MAX_COMMANDS = 64;

  private final String stream;
  private final ActorRef<StreamCommand> agent;
  private final int capacity;
  private final CompletableFuture<Void> stopped = new CompletableFuture<>();
  private long sequence;
  private int batches;
  private int commands;
  private boolean closed;
  private long uses;
  private long usedNanos = System.nanoTime();
  private boolean away;

  /**
   * @param capacity batches that may be under way
   * @param nextBatch the number of the first batch
   */
  StreamIntake(String stream, ActorRef<StreamCommand> agent, int capacity, long nextBatch) {
    this.stream = stream;
    this.agent = agent;
    this.capacity = capacity;
    this.sequence = nextBatch;
  }

  int capacity() {
    return capacity;
  }

  /** The number of the next batch. */
  synchronized long nextBatch() {
    return sequence;
  }

  /** Takes the place of a batch, which {@link #leaveBatch} gives back; why not, or null. */
  synchronized RuntimeException enterBatch() {
    if (closed) {
      return isClosed();
    }
    if (batches == capacity) {
      return new OverCapacityException(
          "stream %s: %d batches are under way, no more fit (stream-capacity)"
              .formatted(stream, capacity));
    }
    batches++;
    return null;
  }

  /** Sends a batch that has its place, made of its number. */
  synchronized void tellBatch(LongFunction<StreamCommand> message) {
    use();
    agent.tell(message.apply(sequence++));
  }

  synchronized void leaveBatch() {
    batches--;
    stopWhenDone();
  }

  /** Sends a command, whose place {@link #leaveCommand} gives back; why not, or null. */
  synchronized RuntimeException tellCommand(Supplier<StreamCommand> message) {
    if (closed) {
      return isClosed();
    }
    if (commands == MAX_COMMANDS) {
      return new OverCapacityException(
          "stream %s: %d commands are under way, no more fit".formatted(stream, MAX_COMMANDS));
    }
    commands++;
    use();
    agent.tell(message.get());
    return null;
  }

  synchronized void leaveCommand() {
    commands--;
    stopWhenDone();
  }

  private IllegalStateException isClosed() {
    return new IllegalStateException("stream " + stream + " is closed");
  }

  private void use() {
    uses++;
    usedNanos = System.nanoTime();
    away = false;
  }

  /** The number of calls so far where the stream is in memory and idle for so long; else -1. */
  synchronized long idleSince(long idleNanos) {
    boolean idle = batches == 0 && commands == 0 && System.nanoTime() - usedNanos >= idleNanos;
    return idle && !away ? uses : -1;
  }

  /** The stream was put away by the one call that came after so many. */
  synchronized void putAway(long usesBefore) {
    away = uses == usesBefore + 1;
  }

  /** Refuses further calls. Ends when the agent has, after those under way. */
  synchronized CompletableFuture<Void> close() {
    if (!closed) {
      closed = true;
      stopWhenDone();
    }
    return stopped;
  }

  /** The last call of a closed stream ends its agent. */
  private void stopWhenDone() {
    if (closed && batches == 0 && commands == 0) {
      agent.tell(new StreamCommand.Stop(stopped));
    }
  }
}
