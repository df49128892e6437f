package io.acclimate.actors;

import akka.actor.typed.Behavior;
import akka.actor.typed.DispatcherSelector;
import akka.actor.typed.PostStop;
import akka.actor.typed.Props;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import io.acclimate.replay.event.AdaptationStep;
import io.acclimate.replay.event.AdapterUsed;
import io.acclimate.replay.event.BatchObserved;
import io.acclimate.replay.event.JournalEvent;
import io.acclimate.replay.event.MethodReset;
import io.acclimate.replay.event.Predicted;
import io.acclimate.replay.event.SnapshotTaken;
import io.acclimate.replay.event.StateRestored;
import io.acclimate.replay.event.StreamClosed;
import io.acclimate.replay.event.StreamFrozen;
import io.acclimate.replay.event.StreamOpened;
import io.acclimate.replay.event.TaskBoundary;
import io.acclimate.replay.journal.Journal;
import io.acclimate.replay.recovery.Snapshot;
import io.acclimate.replay.recovery.SnapshotStore;
import io.acclimate.runtime.AcclimateException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * The one writer of the journal, on a thread of its own. Agents send events in the order of their
 * streams and now and then their state; when all streams have, a snapshot is written.
 */
final class JournalWriter extends AbstractBehavior<JournalWriter.Command> {
  /** What the writer understands. */
  sealed interface Command permits Append, Checkpoint, Retry, CatchUp, GiveUp, Close {}

  /**
   * An event to append.
   *
   * @param appended ends when it is; null when nobody waits for that
   */
  record Append(JournalEvent event, CompletableFuture<Void> appended) implements Command {}

  /** A stream's state after all of its events so far. */
  record Checkpoint(StreamState state, String stateHash) implements Command {}

  /**
   * The journal may take events again: write what it missed.
   *
   * @param behind gets the streams that are to {@link CatchUp}
   */
  record Retry(CompletableFuture<Set<String>> behind) implements Command {}

  /**
   * A stream's present state, in the place of events that were not written.
   *
   * @param events what makes it of any earlier state
   */
  record CatchUp(StreamOpened opened, List<JournalEvent> events, Checkpoint state)
      implements Command {}

  /** A stream cannot say what its state is; the journal keeps the one that it has. */
  record GiveUp(String stream) implements Command {}

  /** Close the journal. */
  record Close(CompletableFuture<Void> closed) implements Command {}

  private final Journal journal;
  private final SnapshotStore snapshots;
  private final JournalPort port;
  private final Map<String, StreamState> states = new HashMap<>();
  private final Map<String, Long> lastEvents = new HashMap<>();
  private final Set<String> fresh = new HashSet<>();

  /** Streams that were opened and whose first state is on its way. */
  private final Set<String> awaited = new HashSet<>();

  private final JournalBacklog backlog = new JournalBacklog();

  static Behavior<Command> create(RuntimeJournal owner) {
    return Behaviors.setup(context -> new JournalWriter(context, owner));
  }

  static Props props() {
    return DispatcherSelector.fromConfig("journal-dispatcher");
  }

  private JournalWriter(ActorContext<Command> context, RuntimeJournal owner) {
    super(context);
    this.journal = owner.journal();
    this.snapshots = owner.snapshots();
    this.port = owner.port();
    owner.restoredStates().forEach(state -> states.put(state.id(), state));
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Append.class, this::onAppend)
        .onMessage(Checkpoint.class, this::onCheckpoint)
        .onMessage(Retry.class, this::onRetry)
        .onMessage(CatchUp.class, this::onCatchUp)
        .onMessage(GiveUp.class, this::onGiveUp)
        .onMessage(Close.class, this::onClose)
        .onSignal(PostStop.class, signal -> release())
        .build();
  }

  private Behavior<Command> onAppend(Append message) {
    JournalEvent event = message.event();
    if (!guarded(() -> append(event))) {
      backlog.missed(event, streamOf(event));
    }
    if (message.appended() != null && port.failure() == null) {
      message.appended().complete(null);
    } else if (message.appended() != null) {
      message.appended().completeExceptionally(port.refusal());
    }
    return this;
  }

  private Behavior<Command> onCheckpoint(Checkpoint message) {
    guarded(() -> checkpoint(message));
    return this;
  }

  /**
   * After a failure nothing more is appended: later events without the missing one would mislead.
   *
   * @return whether it was done
   */
  private boolean guarded(Runnable action) {
    try {
      if (port.failure() == null) {
        action.run();
        return true;
      }
    } catch (RuntimeException e) {
      getContext().getLog().error("the journal takes no more events: {}", e.getMessage());
      port.fail(e instanceof AcclimateException named ? named : new AcclimateException(e + "", e));
    } finally {
      port.done();
    }
    return false;
  }

  private Behavior<Command> onRetry(Retry message) {
    whileFailing(
        () -> {
          while (!backlog.owed().isEmpty()) {
            append(backlog.owed().get(0));
            backlog.owed().remove(0);
          }
          message.behind().complete(backlog.behind());
        });
    message.behind().complete(Set.of());
    return this;
  }

  private Behavior<Command> onCatchUp(CatchUp message) {
    String stream = message.opened().stream();
    whileFailing(
        () -> {
          if (backlog.isUnopened(stream)) {
            append(message.opened());
          }
          message.events().forEach(this::append);
          backlog.forget(stream);
          checkpoint(message.state());
        });
    return this;
  }

  private Behavior<Command> onGiveUp(GiveUp message) {
    whileFailing(() -> backlog.forget(message.stream()));
    return this;
  }

  /** Goes on with the journal once nothing is missing in it; what fails is tried again later. */
  private void whileFailing(Runnable action) {
    try {
      if (port.failure() != null) {
        action.run();
        if (backlog.isEmpty()) {
          port.fail(null);
          getContext().getLog().warn("the journal takes events again");
        }
      }
    } catch (RuntimeException e) {
      getContext().getLog().debug("the journal still takes no events", e);
    } finally {
      port.done();
    }
  }

  private void append(JournalEvent event) {
    long sequence = journal.append(event);
    String stream = streamOf(event);
    if (event instanceof StreamOpened opened) {
      awaited.add(opened.stream());
    } else if (event instanceof StreamClosed) {
      states.remove(stream);
      lastEvents.remove(stream);
      fresh.remove(stream);
    } else if (!stream.isEmpty() && sequence != Journal.NOT_RECORDED) {
      lastEvents.put(stream, sequence);
    }
  }

  /** The stream whose state an event concerns; empty when it concerns none. */
  private static String streamOf(JournalEvent event) {
    if (event instanceof BatchObserved batch) {
      return batch.stream();
    }
    if (event instanceof Predicted predicted) {
      return predicted.stream();
    }
    if (event instanceof MethodReset reset) {
      return reset.stream();
    }
    if (event instanceof TaskBoundary boundary) {
      return boundary.stream();
    }
    if (event instanceof StateRestored restored) {
      return restored.stream();
    }
    if (event instanceof StreamFrozen frozen) {
      return frozen.stream();
    }
    if (event instanceof AdapterUsed used) {
      return used.stream();
    }
    if (event instanceof StreamOpened opened) {
      return opened.stream();
    }
    return event instanceof StreamClosed closed ? closed.stream() : "";
  }

  private void checkpoint(Checkpoint message) {
    StreamState state = message.state();
    journal.append(
        new AdaptationStep(
            state.id(), state.method(), state.nextBatch(), Double.NaN, message.stateHash()));
    states.put(state.id(), state.at(journal.nextSequence()));
    fresh.add(state.id());
    awaited.remove(state.id());
    if (awaited.isEmpty() && states.values().stream().allMatch(this::isPresent)) {
      snapshot();
    }
  }

  /** Whether a state is as new as it can be had without asking. */
  private boolean isPresent(StreamState state) {
    return fresh.contains(state.id()) || isIdle(state);
  }

  private boolean isIdle(StreamState state) {
    return lastEvents.getOrDefault(state.id(), -1L) < state.sequence();
  }

  private void snapshot() {
    journal.sync();
    long now = journal.nextSequence();
    List<StreamState> present =
        states.values().stream().map(state -> isIdle(state) ? state.at(now) : state).toList();
    long from = present.stream().mapToLong(StreamState::sequence).min().orElse(now);
    String hash = StreamState.hash(present);
    snapshots.write(new Snapshot(from, hash, StreamState.writeAll(present, now)));
    journal.append(new SnapshotTaken(from, hash));
    journal.keepFrom(snapshots.oldestSequence());
    fresh.clear();
  }

  private Behavior<Command> onClose(Close message) {
    try {
      journal.close();
      if (port.failure() != null) {
        throw port.failure();
      }
      message.closed().complete(null);
    } catch (RuntimeException e) {
      message.closed().completeExceptionally(e);
    }
    return Behaviors.stopped();
  }

  /** However the writer ends, the right to write is given back. */
  private Behavior<Command> release() {
    journal.close();
    return this;
  }
}
