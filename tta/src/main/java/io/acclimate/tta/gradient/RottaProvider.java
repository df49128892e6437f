package io.acclimate.tta.gradient;

import io.acclimate.runtime.method.ParameterGroup;
import io.acclimate.runtime.method.SourceNeed;
import io.acclimate.runtime.settings.SettingsReader;

/** Registers {@link Rotta} under the name {@code rotta}. */
public final class RottaProvider extends GradientProvider {
  /** Creates the provider. */
  public RottaProvider() {
    super(
        "rotta",
        "A student learns a slow teacher's answers on a balanced memory of samples.",
        "Yuan et al., Robust Test-Time Adaptation in Dynamic Scenarios, CVPR 2023, arXiv 2303.13899",
        SourceNeed.NONE,
        ParameterGroup.NORM_AFFINE,
        4);
  }

  @Override
  Maker read(SettingsReader settings, OptimizerSettings optimizer) {
    Rotta.Settings own =
        new Rotta.Settings(
            settings.number("teacher-keep", 0, 1),
            settings.integer("capacity", 1, 1_000_000),
            settings.integer("update-every", 1, 1_000_000));
    return (context, parameters) ->
        new Rotta(
            context.model().orElseThrow(),
            parameters,
            optimizer,
            own,
            context.classes(),
            context.seeds());
  }
}
