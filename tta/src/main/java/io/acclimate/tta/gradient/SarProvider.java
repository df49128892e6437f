package io.acclimate.tta.gradient;

import io.acclimate.runtime.method.ParameterGroup;
import io.acclimate.runtime.method.SourceNeed;
import io.acclimate.runtime.settings.SettingsReader;

/** Registers {@link Sar} under the name {@code sar}. */
public final class SarProvider extends GradientProvider {
  /** Creates the provider. */
  public SarProvider() {
    super(
        "sar",
        "Minimises the entropy of reliable samples and the sharpness of that entropy.",
        "Niu et al., Towards Stable Test-Time Adaptation in Dynamic Wild World, ICLR 2023,"
            + " arXiv 2302.12400",
        SourceNeed.NONE,
        ParameterGroup.NORM_AFFINE,
        3);
  }

  @Override
  Maker read(SettingsReader settings, OptimizerSettings optimizer) {
    Sar.Settings own =
        new Sar.Settings(
            settings.number("entropy-margin", 0, 1),
            settings.number("rho", 0, 1000),
            settings.number("recovery-floor", 0, 1),
            settings.number("skipped-share", 0, 0.9999));
    return (context, parameters) ->
        new Sar(context.model().orElseThrow(), parameters, optimizer, own, context.classes());
  }
}
