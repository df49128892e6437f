/**
 * Provides the journal: an append-only log of the events that decide a runtime's state.
 *
 * <p>{@link io.acclimate.replay.journal.Journal} is what the rest of the runtime sees. {@link
 * io.acclimate.replay.journal.ChronicleJournal} keeps it in files, {@link
 * io.acclimate.replay.journal.InMemoryJournal} in memory. Files, guarantees and faults are
 * described in {@code docs/journal.md}.
 */
package io.acclimate.replay.journal;
