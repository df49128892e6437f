package io.acclimate.bank.pet;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.settings.SettingsReader;

/**
 * The settings of {@link HeadModule}; the defaults stand in this module's {@code reference.conf}.
 *
 * @param features the output of the model that the head reads; {@code ""} for what the model's own
 *     head reads
 * @param pooling how a sequence becomes features; features of a sample are taken as they are
 * @param mask the input of the model that says which tokens count, for the mean; {@code ""} for all
 * @param output the name of the head's output; the model's output of that name gives way
 * @param classes the number of classes, at least 1
 * @param initDeviation the standard deviation of new weights
 * @param kind how features become logits
 * @param scale what cosines are multiplied by, above 0; without effect on a linear head
 */
public record HeadSettings(
    String features,
    Pooling pooling,
    String mask,
    String output,
    int classes,
    double initDeviation,
    HeadKind kind,
    double scale) {
  /** Checks the ranges. */
  public HeadSettings {
    if (classes < 1 || !(initDeviation >= 0) || output.isEmpty() || !(scale > 0)) {
      throw new AcclimateException(
          "head: expected at least one class, a deviation from 0, a name of the output and a scale"
              + " above 0, found classes=%d init-deviation=%s output='%s' scale=%s"
                  .formatted(classes, initDeviation, output, scale));
    }
  }

  /** A linear head. */
  public HeadSettings(
      String features,
      Pooling pooling,
      String mask,
      String output,
      int classes,
      double initDeviation) {
    this(features, pooling, mask, output, classes, initDeviation, HeadKind.LINEAR, 1);
  }

  static HeadSettings read(SettingsReader settings) {
    return new HeadSettings(
        settings.text("features"),
        settings.choice("pooling", Pooling.class),
        settings.text("mask"),
        settings.text("output"),
        settings.integer("classes", 1, 10_000_000),
        settings.number("init-deviation", 0, 1e3),
        settings.choice("kind", HeadKind.class),
        settings.number("scale", 1e-6, 1e6));
  }
}
