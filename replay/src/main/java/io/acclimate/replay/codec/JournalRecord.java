package io.acclimate.replay.codec;

import io.acclimate.replay.event.JournalEvent;

/**
 * One record of a journal.
 *
 * @param sequence its number, rising without gaps
 * @param timeMillis when it was written, in milliseconds since 1970; never falling
 * @param expiresAtMillis when its contents must be forgotten; {@link #NEVER} for never
 * @param bytes its size in the journal
 * @param event what happened
 */
public record JournalRecord(
    long sequence, long timeMillis, long expiresAtMillis, int bytes, JournalEvent event) {
  /** The expiry of a record that may be kept. */
  public static final long NEVER = 0;

  /** Whether the contents must be forgotten by this time. */
  public boolean isExpired(long nowMillis) {
    return expiresAtMillis != NEVER && expiresAtMillis <= nowMillis;
  }
}
