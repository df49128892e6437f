package io.acclimate.tta.blackbox;

import io.acclimate.runtime.settings.SettingsReader;

/**
 * The settings of {@link Foa}; the defaults stand in this module's {@code reference.conf}.
 *
 * @param population candidates of a batch, at least 4
 * @param radius the first standard deviation of the offsets; 0 leaves the input as it is
 * @param grid cells along a side of an image, at least 1; 0: every element has its own offset
 * @param featureWeight what the distance of features to the source counts beside the entropy
 * @param activationShift what the shift of the features is multiplied by; 0: none
 * @param activationKeep what the average of features keeps of itself at each batch
 * @param range the range of the input's values
 */
record FoaSettings(
    int population,
    double radius,
    int grid,
    double featureWeight,
    double activationShift,
    double activationKeep,
    PixelRange range) {
  static FoaSettings read(SettingsReader settings) {
    return new FoaSettings(
        settings.integer("population", 4, 10_000),
        settings.number("radius", 0, 1e6),
        settings.integer("grid", 0, 10_000),
        settings.number("feature-weight", 0, 1e9),
        settings.number("activation-shift", 0, 100),
        settings.number("activation-keep", 0, 0.999999),
        PixelRange.read(settings.child("input")));
  }

  /** Whether features of samples are read. */
  boolean readsFeatures() {
    return featureWeight > 0 || activationShift > 0;
  }
}
