package io.acclimate.replay.journal;

/**
 * What a journal has done since it was opened.
 *
 * @param appended records appended
 * @param bytes bytes of these records
 * @param dropped events that were not recorded because the disk was full
 * @param syncs times data were forced to the disk
 * @param syncedSequence the last record that is known to be on the disk; -1 for none
 */
public record JournalStats(
    long appended, long bytes, long dropped, long syncs, long syncedSequence) {}
