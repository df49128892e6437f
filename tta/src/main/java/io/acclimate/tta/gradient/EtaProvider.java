package io.acclimate.tta.gradient;

import io.acclimate.runtime.method.ParameterGroup;
import io.acclimate.runtime.method.SourceNeed;
import io.acclimate.runtime.settings.SettingsReader;
import java.util.Optional;

/** Registers {@link Eata} under the name {@code eta}. */
public final class EtaProvider extends GradientProvider {
  /** Creates the provider. */
  public EtaProvider() {
    super(
        "eta",
        "Minimises the entropy of samples that are sure and unlike those before them.",
        "Niu et al., Efficient Test-Time Model Adaptation without Forgetting, ICML 2022,"
            + " arXiv 2204.02610",
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
            0);
    return (context, parameters) ->
        new Eata(context.model().orElseThrow(), parameters, optimizer, own, Optional.empty());
  }
}
