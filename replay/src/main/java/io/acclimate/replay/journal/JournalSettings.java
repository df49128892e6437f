package io.acclimate.replay.journal;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.settings.SettingsReader;
import java.time.Duration;
import java.util.Locale;

/**
 * The settings of a journal; defaults and meanings stand in this module's {@code reference.conf}
 * under {@code acclimate.journal}.
 *
 * @param durability when records are forced to the disk
 * @param rollCycle how long one file is written to
 * @param maxAge after how long a file that nobody needs is removed; zero for never
 * @param maxBytes above how many bytes the oldest files that nobody needs are removed; 0 for no
 *     limit
 * @param whenFull what happens when the disk is full
 * @param minFreeBytes bytes of the disk that the journal leaves free
 * @param compress whether records are compressed
 * @param payload which arrays of a batch are kept
 * @param snapshotBatches answered batches of a stream between two snapshots of its state
 * @param queueCapacity events that may wait to be written; beyond it batches are rejected
 * @param expiry after how long the contents of a batch must be forgotten; zero for never
 */
public record JournalSettings(
    Durability durability,
    RollCycleChoice rollCycle,
    Duration maxAge,
    long maxBytes,
    WhenFull whenFull,
    long minFreeBytes,
    boolean compress,
    Payload payload,
    int snapshotBatches,
    int queueCapacity,
    Duration expiry) {

  /** What happens when the disk is full. */
  public enum WhenFull {
    /** The stream goes on without being recorded, and the journal says so. */
    CONTINUE,
    /** Appending fails, and with it what depends on it. */
    STOP
  }

  /** Which arrays of a batch are kept. */
  public enum Payload {
    /** The input, and what the model said of it. */
    INPUT,
    /** Only what the model said: logits and features. Inputs never reach the disk. */
    FEATURES
  }

  /** The defaults. */
  public static JournalSettings defaults() {
    return of(ConfigFactory.empty());
  }

  /**
   * Reads settings over the defaults.
   *
   * @throws io.acclimate.runtime.settings.SettingsException when there are mistakes; it lists all
   */
  public static JournalSettings of(Config given) {
    SettingsReader reader = new SettingsReader(given, defaultConfig(), "journal");
    JournalSettings settings = read(reader);
    reader.throwIfAny("journal settings");
    return settings;
  }

  /** The default of every setting. */
  public static Config defaultConfig() {
    return ConfigFactory.defaultReference(JournalSettings.class.getClassLoader())
        .getConfig("acclimate.journal");
  }

  /** Reads settings and leaves their mistakes with the reader. */
  public static JournalSettings read(SettingsReader reader) {
    reader.rejectUnknown();
    SettingsReader retention = reader.child("retention");
    retention.rejectUnknown();
    return new JournalSettings(
        durability(reader),
        reader.choice("roll-cycle", RollCycleChoice.class),
        Duration.ofMinutes(retention.wholeNumber("max-age-minutes", 0, 100_000_000)),
        retention.wholeNumber("max-bytes", 0, Long.MAX_VALUE >> 10),
        reader.choice("when-full", WhenFull.class),
        reader.wholeNumber("min-free-bytes", 0, Long.MAX_VALUE >> 10),
        reader.flag("compress"),
        reader.choice("payload", Payload.class),
        reader.integer("snapshot-batches", 1, 100_000_000),
        reader.integer("queue-capacity", 1, 10_000_000),
        Duration.ofMinutes(reader.wholeNumber("expiry-minutes", 0, 100_000_000)));
  }

  private static Durability durability(SettingsReader reader) {
    String text = reader.text("durability").strip().toLowerCase(Locale.ROOT);
    try {
      return Durability.parse(text);
    } catch (AcclimateException e) {
      reader.problem("durability", e.getMessage());
      return Durability.parse("roll");
    }
  }
}
