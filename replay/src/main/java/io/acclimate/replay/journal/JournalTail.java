package io.acclimate.replay.journal;

import io.acclimate.replay.codec.DamagedRecordException;
import java.util.OptionalLong;

/**
 * What the end of a journal looks like when it is opened, compared with what was acknowledged.
 *
 * @param lastSequence the last record that can be read; -1 for none
 * @param lastMillis its time; 0 for none
 * @param lostUpTo the last record that was acknowledged or begun and cannot be read; {@code
 *     lastSequence} when nothing is lost
 */
record JournalTail(long lastSequence, long lastMillis, long lostUpTo) {

  /**
   * Looks at the end of a journal.
   *
   * @throws DamagedRecordException when records cannot be read although they were on the disk
   */
  static JournalTail of(String journal, RecordScan.Last last, HighWaterMark mark) {
    long sequence = last.record() == null ? -1 : last.record().sequence();
    long millis = last.record() == null ? 0 : last.record().timeMillis();
    OptionalLong synced = mark.synced();
    if (synced.isPresent() && synced.getAsLong() > sequence) {
      throw new DamagedRecordException(
          "journal %s is damaged: records %d to %d were on the disk and cannot be read%s; "
                  .formatted(
                      journal,
                      sequence + 1,
                      synced.getAsLong(),
                      last.fault() == null ? ": a file is missing or cut off" : last.fault())
              + "'journal compact --drop-damaged' keeps what can be read");
    }
    long lost = Math.max(sequence + last.faults(), mark.acknowledged().orElse(-1));
    return new JournalTail(sequence, millis, Math.max(sequence, lost));
  }

  boolean hasLoss() {
    return lostUpTo > lastSequence;
  }
}
