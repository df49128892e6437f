package io.acclimate.tta.gradient;

import io.acclimate.runtime.method.MethodDescriptor;
import io.acclimate.runtime.method.MethodKind;
import io.acclimate.runtime.method.ParameterGroup;
import io.acclimate.runtime.method.SourceNeed;
import io.acclimate.runtime.settings.SettingsReader;
import io.acclimate.tta.CorrectorFactory;
import io.acclimate.tta.CorrectorProvider;

/** Registers {@link Itta} under the name {@code itta}. */
public final class IttaProvider implements CorrectorProvider {
  @Override
  public MethodDescriptor descriptor() {
    return new MethodDescriptor(
        "itta",
        MethodKind.TEST_TIME_ADAPTER,
        "Asks for the same features in another style, by a loss learned on the source.",
        "Chen et al., Improved Test-Time Adaptation for Domain Generalization, CVPR 2023,"
            + " arXiv 2304.04494",
        true,
        false,
        SourceNeed.CONSISTENCY,
        true,
        ParameterGroup.ADAPTERS,
        4);
  }

  @Override
  public CorrectorFactory read(SettingsReader settings) {
    double lossScale = settings.number("loss-scale", 0, 1e9);
    OptimizerSettings optimizer = OptimizerSettings.read(settings.child("optimizer"));
    return context ->
        new Itta(
            context.model().orElseThrow(),
            optimizer,
            lossScale,
            context.consistency().orElseThrow(),
            context.seeds());
  }
}
