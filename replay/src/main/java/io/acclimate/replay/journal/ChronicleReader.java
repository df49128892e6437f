package io.acclimate.replay.journal;

import io.acclimate.replay.codec.DamagedRecordException;
import io.acclimate.replay.codec.JournalRecord;
import io.acclimate.replay.event.RecordsOmitted;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** Reads a queue in order and makes sure that no record is missing without saying so. */
final class ChronicleReader implements JournalReader {
  private final String journal;
  private final RecordScan scan;
  private final Supplier<OptionalLong> acknowledged;
  private final LongSupplier clock;
  private final long from;
  private long expected = -1;

  ChronicleReader(
      String journal,
      RecordScan scan,
      Supplier<OptionalLong> acknowledged,
      LongSupplier clock,
      long from) {
    this.journal = journal;
    this.scan = scan;
    this.acknowledged = acknowledged;
    this.clock = clock;
    this.from = from;
    scan.seek(from);
  }

  @Override
  public Optional<JournalRecord> next() {
    JournalRecord record = follow();
    while (record != null && record.sequence() < from) {
      record = follow();
    }
    if (record == null) {
      return Optional.empty();
    }
    if (record.isExpired(clock.getAsLong())) {
      return Optional.of(
          new JournalRecord(
              record.sequence(),
              record.timeMillis(),
              record.expiresAtMillis(),
              record.bytes(),
              new RecordsOmitted(record.sequence(), "expired", true)));
    }
    return Optional.of(record);
  }

  /** The next record in its place; faults are passed over only where a record accounts for them. */
  private JournalRecord follow() {
    long least = acknowledged.get().orElse(-1);
    String fault = null;
    RecordScan.Found found = scan.next();
    while (found != null && found.record() == null) {
      fault = fault == null ? found.fault() : fault;
      found = scan.next();
    }
    if (found == null) {
      if (fault != null) {
        throw damaged(fault);
      }
      if (expected >= 0 && expected <= least) {
        throw damaged("records %d to %d are missing at its end".formatted(expected, least));
      }
      return null;
    }
    requirePlace(found.record(), fault);
    expected = found.record().sequence() + 1;
    return found.record();
  }

  private void requirePlace(JournalRecord record, String fault) {
    boolean accounted =
        record.event() instanceof RecordsOmitted omitted
            && (expected < 0 || omitted.from() <= expected);
    if (accounted) {
      return;
    }
    if (fault != null) {
      throw damaged(fault);
    }
    if (expected >= 0 && record.sequence() != expected) {
      throw damaged(
          "%s: expected record %d, found record %d: a file is missing or damaged"
              .formatted(scan.where(), expected, record.sequence()));
    }
  }

  private DamagedRecordException damaged(String fault) {
    return new DamagedRecordException(
        "journal %s is damaged: %s; 'journal verify' lists the damage, 'journal compact --drop-damaged'"
                .formatted(journal, fault)
            + " keeps what can be read");
  }

  @Override
  public void close() {
    scan.close();
  }
}
