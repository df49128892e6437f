package io.acclimate.replay.event;

/**
 * Stands for records that are no longer there: lost with the power, damaged, expired or removed.
 * This record has the sequence number of the last of them.
 *
 * @param from the sequence number of the first of them
 * @param reason why they are gone
 * @param needed whether the state depends on them: replay across this record is then impossible
 */
public record RecordsOmitted(long from, String reason, boolean needed) implements JournalEvent {}
