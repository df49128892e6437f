package io.acclimate.tta.blackbox;

import io.acclimate.runtime.settings.SettingsReader;

/**
 * The settings of {@link BlackVip}; the defaults stand in this module's {@code reference.conf}.
 *
 * @param objective what is learned from
 * @param featureWeight without labels: what the distance of features to the source counts
 * @param promptScale what the picture is multiplied by before it is added
 * @param channels channels inside the coordinator, at least 1
 * @param spsa how the coordinator is trained
 * @param range the range of the input's values
 */
record BlackVipSettings(
    Objective objective,
    double featureWeight,
    double promptScale,
    int channels,
    SpsaGcSettings spsa,
    PixelRange range) {
  /** What the coordinator learns from. */
  enum Objective {
    /** The stream: the mean of {@link StreamFitness} over the samples. */
    FITNESS,
    /** True labels: the cross-entropy, on batches that have labels. */
    LABELS
  }

  static BlackVipSettings read(SettingsReader settings) {
    SettingsReader spsa = settings.child("spsa");
    spsa.rejectUnknown();
    Objective objective = settings.choice("objective", Objective.class);
    String order = settings.child("protocol").text("order");
    if (objective == Objective.LABELS && !order.equals("predict-then-adapt")) {
      settings.problem(
          "objective", "labels: expected protocol.order = predict-then-adapt, found " + order);
    }
    return new BlackVipSettings(
        objective,
        settings.number("feature-weight", 0, 1e9),
        settings.number("prompt-scale", 0, 1e6),
        settings.integer("channels", 1, 10_000),
        new SpsaGcSettings(
            spsa.number("offset", 0, 1e9),
            spsa.number("width", 1e-9, 1e9),
            spsa.number("rate", 0, 1e9),
            spsa.number("rate-decay", 0, 100),
            spsa.number("width-decay", 0, 100),
            spsa.number("momentum", 0, 0.999999),
            spsa.integer("averages", 1, 10_000)),
        PixelRange.read(settings.child("input")));
  }

  /** Whether the features are compared with the source's. */
  boolean comparesFeatures() {
    return objective == Objective.FITNESS && featureWeight > 0;
  }
}
