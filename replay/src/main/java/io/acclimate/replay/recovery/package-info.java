/**
 * Provides recovery from a journal: state is the newest valid snapshot and the records after it.
 *
 * <p>{@link io.acclimate.replay.recovery.Recovery} brings a {@link
 * io.acclimate.replay.recovery.Recoverable} back, {@link
 * io.acclimate.replay.recovery.SnapshotStore} keeps snapshots in files.
 */
package io.acclimate.replay.recovery;
