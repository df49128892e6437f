package io.acclimate.tta.gradient;

import io.acclimate.runtime.method.ParameterGroup;
import io.acclimate.runtime.method.SourceNeed;
import io.acclimate.runtime.settings.SettingsReader;

/** Registers {@link Cotta} under the name {@code cotta}. */
public final class CottaProvider extends GradientProvider {
  /** Creates the provider. */
  public CottaProvider() {
    super(
        "cotta",
        "A student follows a slow teacher; single weights go back to the source now and then.",
        "Wang et al., Continual Test-Time Domain Adaptation, CVPR 2022, arXiv 2203.13591",
        SourceNeed.NONE,
        ParameterGroup.ALL,
        3);
  }

  @Override
  Maker read(SettingsReader settings, OptimizerSettings optimizer) {
    Cotta.Settings own =
        new Cotta.Settings(
            settings.number("teacher-keep", 0, 1),
            settings.number("restore-probability", 0, 1),
            settings.number("confidence", 0, 1),
            settings.integer("augmentations", 1, 1000));
    return (context, parameters) ->
        new Cotta(context.model().orElseThrow(), parameters, optimizer, own, context.seeds());
  }
}
