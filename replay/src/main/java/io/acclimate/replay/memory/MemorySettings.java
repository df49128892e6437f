package io.acclimate.replay.memory;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.settings.SettingsReader;

/**
 * The settings of a rehearsal memory; defaults and meanings stand in this module's {@code
 * reference.conf} under {@code acclimate.rehearsal}.
 *
 * @param policy which samples are kept
 * @param capacity how many, and how many bytes
 * @param storage whether samples are copied
 * @param ratio old samples for each new one
 * @param curriculumWidth of {@link Policy#DIFFICULTY}
 * @param lossRate of {@link Policy#DIFFICULTY}
 */
public record MemorySettings(
    Policy policy,
    MemoryCapacity capacity,
    Storage storage,
    double ratio,
    double curriculumWidth,
    double lossRate) {

  /** Which samples are kept. */
  public enum Policy {
    /** {@link ReservoirMemory}. */
    RESERVOIR,
    /** {@link WeightedReservoirMemory}. */
    WEIGHTED_RESERVOIR,
    /** {@link ClassBalancedMemory}. */
    CLASS_BALANCED,
    /** {@link BalancedReservoirMemory}. */
    BALANCED_RESERVOIR,
    /** {@link RingMemory}. */
    RING,
    /** {@link HerdingMemory}. */
    HERDING,
    /** {@link DifficultyMemory}. */
    DIFFICULTY
  }

  /** How samples are kept. */
  public enum Storage {
    /** The values themselves. */
    COPIES,
    /** Record and row in the journal. */
    REFERENCES
  }

  /**
   * Reads settings over the defaults.
   *
   * @throws io.acclimate.runtime.settings.SettingsException when there are mistakes; it lists all
   */
  public static MemorySettings of(Config given) {
    SettingsReader reader = new SettingsReader(given, defaultConfig(), "rehearsal");
    MemorySettings settings = read(reader);
    reader.throwIfAny("rehearsal settings");
    return settings;
  }

  /** The default of every setting. */
  public static Config defaultConfig() {
    return ConfigFactory.defaultReference(MemorySettings.class.getClassLoader())
        .getConfig("acclimate.rehearsal");
  }

  /** Reads settings and leaves their mistakes with the reader. */
  public static MemorySettings read(SettingsReader reader) {
    reader.rejectUnknown();
    Policy policy = reader.choice("policy", Policy.class);
    Storage storage = reader.choice("storage", Storage.class);
    if (policy == Policy.HERDING && storage == Storage.REFERENCES) {
      reader.problem("storage", "herding compares features, so it needs storage = copies");
    }
    return new MemorySettings(
        policy,
        new MemoryCapacity(
            reader.integer("max-samples", 1, 100_000_000),
            reader.wholeNumber("max-bytes", 1, Long.MAX_VALUE >> 10)),
        storage,
        reader.number("ratio", 0, 1000),
        reader.number("curriculum-width", 1e-9, 1e9),
        reader.number("loss-rate", 1e-6, 1));
  }

  /** An empty memory with these settings. */
  public RehearsalMemory create(SeedTree seeds) {
    return switch (policy) {
      case RESERVOIR -> new ReservoirMemory(capacity, seeds);
      case WEIGHTED_RESERVOIR -> new WeightedReservoirMemory(capacity, seeds);
      case CLASS_BALANCED -> new ClassBalancedMemory(capacity, seeds);
      case BALANCED_RESERVOIR -> new BalancedReservoirMemory(capacity, seeds);
      case RING -> new RingMemory(capacity, seeds);
      case HERDING -> new HerdingMemory(capacity, seeds);
      case DIFFICULTY -> new DifficultyMemory(capacity, curriculumWidth, lossRate, seeds);
    };
  }
}
