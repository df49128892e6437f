package io.acclimate.actors;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.state.State;
import io.acclimate.tta.Adaptation;

/**
 * A stream's method, in memory or, while the stream is idle, on disk: it comes back with the same
 * bits when it is needed. Not thread-safe.
 */
final class ResidentMethod implements AutoCloseable {
  private final StreamSetup setup;

  /** Null while it is on disk. */
  private StreamMethod present;

  /** Takes over from the agent before, if there was one. */
  ResidentMethod(StreamSetup setup) {
    this.setup = setup;
    if (isAway()) {
      return;
    }
    this.present = new StreamMethod(setup.method(), setup.adaptation());
    Adaptation lost = setup.lost().getAndSet(null);
    if (lost != null) {
      present.adaptation().takeOver(lost, StreamAgent.FAILED);
    }
    setup.recorder().begin(present.adaptation());
  }

  private boolean isAway() {
    return setup.store().map(StreamStore::holds).orElse(false);
  }

  /** The method, brought back where it was away. */
  StreamMethod get() {
    if (present == null) {
      present = new StreamMethod(setup.method(), setup.adaptation());
      revive();
    }
    return present;
  }

  private void revive() {
    StreamStore store = setup.store().orElseThrow();
    try {
      store.take().restore(snapshot(present));
      store.clear();
      setup.listeners().tell(listener -> listener.revived(setup.id()));
    } catch (AcclimateException e) {
      String reason = "the state of the idle stream is lost: " + e.getMessage();
      present.adaptation().reset(reason);
      setup.monitor().noteError(reason);
      setup.recorder().restored(present.adaptation(), reason);
      setup.listeners().tell(listener -> listener.restarted(setup.id(), reason));
    }
  }

  /**
   * Writes the method to disk and frees its memory; nothing happens when it is there already. What
   * can fail comes before the file, and nothing is freed before the file is on the disk: the state
   * is in one place at any time.
   *
   * @throws AcclimateException when it cannot be written: it stays in memory
   */
  void putAway() {
    StreamStore store =
        setup
            .store()
            .orElseThrow(
                () ->
                    new AcclimateException(
                        "stream %s: expected a folder for idle streams, found none (passivation.folder)"
                            .formatted(setup.id())));
    if (present == null) {
      return;
    }
    setup.recorder().checkpoint(present.adaptation());
    store.put(State.of(snapshot(present)));
    StreamMethod away = present;
    present = null;
    setup.listeners().tell(listener -> listener.passivated(setup.id()));
    away.close();
  }

  /** Hands the state to the journal; it is there already while the method is away. */
  void save() {
    if (present != null) {
      setup.recorder().checkpoint(present.adaptation());
    }
  }

  /** Makes up for what the journal did not take. */
  void catchUp() {
    setup.recorder().catchUp(get().adaptation());
  }

  /** The stream ends: its last state is handed to the journal, without being brought back. */
  void end() {
    save();
    setup.recorder().closed();
  }

  /** The stream's state with what it belongs to. */
  StreamSnapshot snapshot() {
    return snapshot(get());
  }

  private StreamSnapshot snapshot(StreamMethod method) {
    return new StreamSnapshot(setup.recorder(), method.adaptation());
  }

  /** Leaves the method to the agent that comes next. */
  void leaveBehind() {
    if (present != null) {
      setup.lost().set(present.adaptation());
    }
    free();
  }

  private void free() {
    if (present != null) {
      present.close();
    }
  }

  /** Frees what is held, on disk too. */
  @Override
  public void close() {
    Closing closing = new Closing();
    closing.attempt(this::free);
    closing.attempt(() -> setup.store().ifPresent(StreamStore::clear));
    closing.finish();
  }
}
