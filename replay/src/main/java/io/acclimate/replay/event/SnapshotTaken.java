package io.acclimate.replay.event;

/**
 * A snapshot of the whole state is on the disk.
 *
 * @param sequence the first record that is not in the snapshot
 * @param stateHash SHA-256 of the state
 */
public record SnapshotTaken(long sequence, String stateHash) implements JournalEvent {}
