package io.acclimate.replay.journal;

import io.acclimate.replay.event.JournalEvent;

/**
 * An append-only log. One writer at a time appends: the methods declared here are for the one actor
 * or thread that owns the journal; reading is for everybody.
 */
public interface Journal extends JournalView {
  /** The answer to an append that was not done because the disk is full and the stream goes on. */
  long NOT_RECORDED = -1;

  /**
   * Appends an event with the expiry that the settings give.
   *
   * @return its sequence number, or {@link #NOT_RECORDED}
   * @throws JournalFullException when there is no room and the settings say to stop
   * @throws io.acclimate.runtime.AcclimateException when the journal failed before
   */
  long append(JournalEvent event);

  /**
   * Appends an event whose contents must be forgotten at a time.
   *
   * @param expiresAtMillis milliseconds since 1970, or {@link
   *     io.acclimate.replay.codec.JournalRecord#NEVER}
   * @return its sequence number, or {@link #NOT_RECORDED}
   */
  long append(JournalEvent event, long expiresAtMillis);

  /** Forces everything appended so far to the disk. */
  void sync();

  /**
   * Says which records may be needed again. Retention never removes a record from there on; before
   * the first call it removes none.
   *
   * @param sequence the first record that the oldest kept snapshot does not hold
   */
  void keepFrom(long sequence);

  /** What was done so far. */
  JournalStats stats();
}
