package io.acclimate.tta.guard;

import io.acclimate.runtime.settings.SettingsReader;

/**
 * When a {@link Guard} raises an alarm; meanings and defaults stand in this module's {@code
 * reference.conf} under {@code acclimate.test-time.guard}.
 *
 * @param entropyFloor mean entropy of the answers, relative to that of a uniform one, 0 to 1
 * @param diversityFloor diversity of the answers relative to the frozen model's, 0 to 1
 * @param disagreement share of answers that must differ from the frozen model's, 0 to 1
 * @param maxDistance largest distance to the source's weights, above 0
 * @param memory batches over which the signals are averaged, at least 1
 * @param snapshotBatches batches between two snapshots, at least 1
 * @param snapshots snapshots kept, at least 1
 */
public record GuardSettings(
    double entropyFloor,
    double diversityFloor,
    double disagreement,
    double maxDistance,
    int memory,
    int snapshotBatches,
    int snapshots) {

  /** Reads the settings; mistakes are reported to the reader. */
  public static GuardSettings read(SettingsReader settings) {
    settings.rejectUnknown();
    return new GuardSettings(
        settings.number("entropy-floor", 0, 1),
        settings.number("diversity-floor", 0, 1),
        settings.number("disagreement", 0, 1),
        settings.number("max-distance", 1e-9, 1e9),
        settings.integer("memory", 1, 1_000_000),
        settings.integer("snapshot-batches", 1, 1_000_000),
        settings.integer("snapshots", 1, 1000));
  }
}
