package io.acclimate.tta.gradient;

import io.acclimate.runtime.method.ParameterGroup;
import io.acclimate.runtime.method.SourceNeed;
import io.acclimate.runtime.settings.SettingsReader;

/** Registers {@link Eata} under the name {@code eata}. */
public final class EataProvider extends GradientProvider {
  /** Creates the provider. */
  public EataProvider() {
    super(
        "eata",
        "Minimises the entropy of sure and diverse samples, holding weights that matter to the source.",
        "Niu et al., Efficient Test-Time Model Adaptation without Forgetting, ICML 2022,"
            + " arXiv 2204.02610",
        SourceNeed.FISHER,
        ParameterGroup.NORM_AFFINE,
        2);
  }

  @Override
  Maker read(SettingsReader settings, OptimizerSettings optimizer) {
    Eata.Settings own =
        new Eata.Settings(
            settings.number("entropy-margin", 0, 1),
            settings.number("similarity-margin", 0, 1),
            settings.number("fisher-strength", 0, 1e9),
            0);
    return (context, parameters) ->
        new Eata(context.model().orElseThrow(), parameters, optimizer, own, context.fisher());
  }
}
