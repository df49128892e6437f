package io.acclimate.replay.journal;

import io.acclimate.replay.codec.JournalRecord;
import io.acclimate.replay.event.JournalEvent;
import io.acclimate.replay.event.RecordsOmitted;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * A journal in memory, for embedders who want none on disk: bounded, and gone with the process.
 * When it is full the oldest record goes. Safe for all threads.
 */
public final class InMemoryJournal implements Journal {
  private final LongSupplier clock;
  private final JournalRecord[] ring;
  private long firstSequence;
  private long nextSequence;

  /**
   * Creates an empty journal.
   *
   * @param capacity the most records that are kept, at least 1
   */
  public InMemoryJournal(int capacity) {
    this.ring = new JournalRecord[capacity];
    this.clock = new JournalClock(System::currentTimeMillis, 0);
  }

  @Override
  public long append(JournalEvent event) {
    return append(event, JournalRecord.NEVER);
  }

  @Override
  public synchronized long append(JournalEvent event, long expiresAtMillis) {
    ring[slot(nextSequence)] =
        new JournalRecord(nextSequence, clock.getAsLong(), expiresAtMillis, 0, event);
    firstSequence = Math.max(firstSequence, nextSequence + 1 - ring.length);
    return nextSequence++;
  }

  /** Does nothing: there is no disk. */
  @Override
  public void sync() {
    // nothing to force
  }

  @Override
  public synchronized void keepFrom(long sequence) {
    while (firstSequence < Math.min(sequence, nextSequence)) {
      ring[slot(firstSequence++)] = null;
    }
  }

  @Override
  public synchronized JournalStats stats() {
    return new JournalStats(nextSequence, 0, 0, 0, -1);
  }

  @Override
  public synchronized long firstSequence() {
    return firstSequence == nextSequence ? 0 : firstSequence;
  }

  @Override
  public synchronized long nextSequence() {
    return nextSequence;
  }

  @Override
  public JournalReader reader(long from) {
    return new Reader(from);
  }

  private synchronized Optional<JournalRecord> at(long sequence) {
    long wanted = Math.max(sequence, firstSequence);
    if (wanted >= nextSequence) {
      return Optional.empty();
    }
    JournalRecord record = ring[slot(wanted)];
    return Optional.of(record.isExpired(clock.getAsLong()) ? withheld(record) : record);
  }

  private int slot(long sequence) {
    return (int) (sequence % ring.length);
  }

  private static JournalRecord withheld(JournalRecord record) {
    return new JournalRecord(
        record.sequence(),
        record.timeMillis(),
        record.expiresAtMillis(),
        0,
        new RecordsOmitted(record.sequence(), "expired", true));
  }

  /** Forgets everything. */
  @Override
  public synchronized void close() {
    keepFrom(nextSequence);
  }

  private final class Reader implements JournalReader {
    private long next;

    Reader(long from) {
      this.next = from;
    }

    @Override
    public Optional<JournalRecord> next() {
      Optional<JournalRecord> found = at(next);
      found.ifPresent(record -> next = record.sequence() + 1);
      return found;
    }

    @Override
    public void close() {
      // nothing is held
    }
  }
}
