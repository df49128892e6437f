/**
 * Provides the events of the journal: everything that decides the state of a runtime.
 *
 * <p>{@link io.acclimate.replay.event.JournalEvent} is sealed; its records are values without
 * behaviour. How they are written stands in {@code docs/journal.md}.
 */
package io.acclimate.replay.event;
