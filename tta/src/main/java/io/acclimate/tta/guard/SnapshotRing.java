package io.acclimate.tta.guard;

import io.acclimate.runtime.DType;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.state.State;
import io.acclimate.runtime.state.StateReader;
import io.acclimate.runtime.state.StateWriter;
import io.acclimate.runtime.state.Stateful;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/**
 * The latest snapshots of a method that were taken while nothing was wrong. Each is used once, so
 * that alarm upon alarm leads further back. Not thread-safe.
 */
public final class SnapshotRing implements Stateful {
  private final int capacity;
  private final Deque<State> states = new ArrayDeque<>();

  /** An empty ring with room for this many. */
  public SnapshotRing(int capacity) {
    this.capacity = capacity;
  }

  /** Takes a snapshot and drops the oldest when there are too many. */
  public void take(Stateful method) {
    if (states.size() == capacity) {
      states.removeFirst();
    }
    states.addLast(State.of(method));
  }

  /** The latest snapshot, which leaves the ring. */
  public Optional<State> takeBack() {
    return Optional.ofNullable(states.pollLast());
  }

  /** Moves the snapshots of another ring of the same capacity here. */
  public void takeAll(SnapshotRing other) {
    states.clear();
    states.addAll(other.states);
    other.states.clear();
  }

  /** Drops all snapshots. */
  public void clear() {
    states.clear();
  }

  @Override
  public void save(StateWriter out) {
    out.putInt("count", states.size());
    int i = 0;
    for (State state : states) {
      byte[] bytes = state.toBytes();
      out.putTensor("snapshot-" + i++, Tensor.ofBytes(DType.UINT8, bytes, bytes.length));
    }
  }

  @Override
  public void load(StateReader in) {
    int count = in.getInt("count");
    Deque<State> loaded = new ArrayDeque<>();
    for (int i = 0; i < count; i++) {
      loaded.addLast(State.fromBytes(in.getTensor("snapshot-" + i).toByteArray()));
    }
    states.clear();
    states.addAll(loaded);
  }
}
