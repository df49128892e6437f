package io.acclimate.continual.mos;

import io.acclimate.runtime.settings.SettingsReader;

/**
 * The settings of {@link ClassifierAlignment}; defaults and meanings stand in this module's {@code
 * reference.conf}.
 *
 * @param epochs how often features are drawn, at least 0; 0 leaves the head as it is
 * @param samples features of each class and epoch, at least 1
 * @param rate the learning rate at the start, at least 0
 * @param momentum of the steps, 0 to below 1
 * @param weightDecay at least 0
 */
public record AlignmentSettings(
    int epochs, int samples, double rate, double momentum, double weightDecay) {
  static AlignmentSettings read(SettingsReader settings) {
    settings.rejectUnknown();
    return new AlignmentSettings(
        settings.integer("epochs", 0, 100_000),
        settings.integer("samples", 1, 1_000_000),
        settings.number("rate", 0, 100),
        settings.number("momentum", 0, 0.999999),
        settings.number("weight-decay", 0, 100));
  }
}
