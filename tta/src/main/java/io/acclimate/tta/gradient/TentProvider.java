package io.acclimate.tta.gradient;

import io.acclimate.runtime.method.ParameterGroup;
import io.acclimate.runtime.method.SourceNeed;
import io.acclimate.runtime.settings.SettingsReader;

/** Registers {@link Tent} under the name {@code tent}. */
public final class TentProvider extends GradientProvider {
  /** Creates the provider. */
  public TentProvider() {
    super(
        "tent",
        "Makes the model surer of its answers: minimises their entropy.",
        "Wang et al., Tent: Fully Test-Time Adaptation by Entropy Minimization, ICLR 2021,"
            + " arXiv 2006.10726",
        SourceNeed.NONE,
        ParameterGroup.NORM_AFFINE,
        2);
  }

  @Override
  Maker read(SettingsReader settings, OptimizerSettings optimizer) {
    return (context, parameters) -> new Tent(context.model().orElseThrow(), parameters, optimizer);
  }
}
