package io.acclimate.tta.gradient;

import io.acclimate.runtime.method.ParameterGroup;
import io.acclimate.runtime.method.SourceNeed;
import io.acclimate.runtime.settings.SettingsReader;

/** Registers {@link Roid} under the name {@code roid}. */
public final class RoidProvider extends GradientProvider {
  /** Creates the provider. */
  public RoidProvider() {
    super(
        "roid",
        "Raises the likelihood ratio of sure and diverse answers and pulls the weights to the source.",
        "Marsden et al., Universal Test-time Adaptation through Weight Ensembling, Diversity"
            + " Weighting, and Prior Correction, WACV 2024, arXiv 2306.00650",
        SourceNeed.NONE,
        ParameterGroup.NORM_AFFINE,
        3);
  }

  @Override
  Maker read(SettingsReader settings, OptimizerSettings optimizer) {
    Roid.Settings own =
        new Roid.Settings(
            settings.number("temperature", 1e-3, 1e6),
            settings.number("source-keep", 0, 1),
            settings.flag("consistency"),
            settings.flag("prior-correction"));
    return (context, parameters) ->
        new Roid(
            context.model().orElseThrow(),
            parameters,
            optimizer,
            own,
            context.classes(),
            context.seeds());
  }
}
