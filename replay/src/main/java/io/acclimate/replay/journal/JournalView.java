package io.acclimate.replay.journal;

/** What can be read of a journal. Safe for all threads; a reader belongs to one of them. */
public interface JournalView extends AutoCloseable {
  /** The sequence number of the oldest record that is still there; {@code 0} when there is none. */
  long firstSequence();

  /** The sequence number that the next record will have. */
  long nextSequence();

  /**
   * Reads from a record on, and goes on with records that are appended later.
   *
   * @param from a sequence number; the oldest record where that is gone already
   */
  JournalReader reader(long from);

  @Override
  void close();
}
