package io.acclimate.replay.recovery;

/**
 * A state at one place of the journal.
 *
 * @param sequence the first record that is not in the state
 * @param stateHash SHA-256 of the state
 * @param state the state as {@link Recoverable#save()} gave it
 */
public record Snapshot(long sequence, String stateHash, byte[] state) {}
