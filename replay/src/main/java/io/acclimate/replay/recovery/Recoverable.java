package io.acclimate.replay.recovery;

import io.acclimate.replay.codec.JournalRecord;
import io.acclimate.runtime.ContentHash;

/**
 * State that can be brought back from a snapshot and the events after it. Deterministic: the same
 * events in the same order give the same state, bit for bit. Belongs to one thread.
 */
public interface Recoverable {
  /** The whole state; equal states give equal bytes. */
  byte[] save();

  /**
   * Takes the place of the present state.
   *
   * @param state what {@link #save()} gave
   * @throws io.acclimate.runtime.AcclimateException when the bytes are no such state; the present
   *     state is then unchanged
   */
  void restore(byte[] state);

  /**
   * Changes the state as the event did when it happened; events that change nothing are ignored.
   */
  void apply(JournalRecord record);

  /** SHA-256 of the state. */
  default String stateHash() {
    return ContentHash.sha256(save());
  }
}
