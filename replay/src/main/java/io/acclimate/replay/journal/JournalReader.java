package io.acclimate.replay.journal;

import io.acclimate.replay.codec.JournalRecord;
import java.util.Optional;

/** Reads a journal in order. Belongs to one thread. */
public interface JournalReader extends AutoCloseable {
  /**
   * The next record; empty at the end, where a later call may find one. The contents of an expired
   * record are withheld: a {@link io.acclimate.replay.event.RecordsOmitted} stands in its place.
   *
   * @throws io.acclimate.replay.codec.DamagedRecordException when a record is damaged or records
   *     are missing; the message says where
   */
  Optional<JournalRecord> next();

  @Override
  void close();
}
