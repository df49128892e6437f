package io.acclimate.replay.journal;

import io.acclimate.runtime.AcclimateException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * When appended records are forced to the disk. A process that is killed loses nothing at any
 * level; this is about power and operating systems that fail.
 *
 * @param level the level
 * @param records for {@link Level#SYNC_EVERY}: after how many records, at least 1; else 0
 */
public record Durability(Level level, int records) {
  /** The levels, by rising cost. */
  public enum Level {
    /** The operating system decides: what it has not written yet is lost. */
    NONE,
    /** When a file is full and at close: the records of the last file can be lost. */
    ROLL,
    /** After every N records: up to N - 1 acknowledged records can be lost. */
    SYNC_EVERY,
    /** After each record, before it is acknowledged: none can be lost. */
    SYNC_EACH
  }

  private static final Pattern EVERY = Pattern.compile("sync-every\\s+([1-9]\\d{0,8})");

  /**
   * Reads {@code none}, {@code roll}, {@code sync-every N} or {@code sync-each}.
   *
   * @throws AcclimateException for any other text
   */
  public static Durability parse(String text) {
    Matcher every = EVERY.matcher(text);
    if (every.matches()) {
      return new Durability(Level.SYNC_EVERY, Integer.parseInt(every.group(1)));
    }
    return switch (text) {
      case "none" -> new Durability(Level.NONE, 0);
      case "roll" -> new Durability(Level.ROLL, 0);
      case "sync-each" -> new Durability(Level.SYNC_EACH, 0);
      default ->
          throw new AcclimateException(
              "expected none | roll | sync-every N | sync-each, found " + text);
    };
  }

  /** Whether this many unsynced records have to be synced now. */
  boolean isDue(long unsynced) {
    return level == Level.SYNC_EACH || level == Level.SYNC_EVERY && unsynced >= records;
  }

  /** Whether a file is synced when the next one is begun. */
  boolean syncsAtRoll() {
    return level != Level.NONE;
  }
}
