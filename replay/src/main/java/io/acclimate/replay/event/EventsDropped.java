package io.acclimate.replay.event;

/**
 * Events were not recorded because the disk was full and the stream was to go on. They never had a
 * sequence number. The state after this record cannot be derived from the journal alone; a snapshot
 * taken later can be gone on from.
 *
 * @param count how many
 * @param reason why
 */
public record EventsDropped(long count, String reason) implements JournalEvent {}
