package io.acclimate.tta.gradient;

import io.acclimate.runtime.method.ParameterGroup;
import io.acclimate.runtime.method.SourceNeed;
import io.acclimate.runtime.settings.SettingsReader;
import java.util.Optional;

/** Registers {@link Eata} under the name {@code rdumb}. */
public final class RdumbProvider extends GradientProvider {
  /** Creates the provider. */
  public RdumbProvider() {
    super(
        "rdumb",
        "Minimises entropy as eta does, and starts anew after a number of batches.",
        "Press et al., RDumb: A Simple Approach that Questions our Progress in Continual Test-Time"
            + " Adaptation, NeurIPS 2023, arXiv 2306.05401",
        SourceNeed.NONE,
        ParameterGroup.NORM_AFFINE,
        2);
  }

  @Override
  Maker read(SettingsReader settings, OptimizerSettings optimizer) {
    Eata.Settings own =
        new Eata.Settings(
            settings.number("entropy-margin", 0, 1),
            settings.number("similarity-margin", 0, 1),
            0,
            settings.integer("reset-after", 1, 1_000_000_000));
    return (context, parameters) ->
        new Eata(context.model().orElseThrow(), parameters, optimizer, own, Optional.empty());
  }
}
