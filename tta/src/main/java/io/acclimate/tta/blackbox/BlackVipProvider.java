package io.acclimate.tta.blackbox;

import io.acclimate.runtime.method.MethodDescriptor;
import io.acclimate.runtime.method.MethodKind;
import io.acclimate.runtime.method.ModelNeed;
import io.acclimate.runtime.method.ParameterGroup;
import io.acclimate.runtime.method.SourceNeed;
import io.acclimate.runtime.settings.SettingsReader;
import io.acclimate.tta.CorrectorFactory;
import io.acclimate.tta.CorrectorProvider;
import java.util.Set;

/** Registers {@link BlackVip} under the name {@code blackvip}. */
public final class BlackVipProvider implements CorrectorProvider {
  private static final int AVERAGES = 5;

  @Override
  public MethodDescriptor descriptor() {
    return descriptor(true, AVERAGES);
  }

  @Override
  public MethodDescriptor descriptor(SettingsReader settings) {
    BlackVipSettings read = BlackVipSettings.read(settings);
    return descriptor(read.comparesFeatures(), read.spsa().averages())
        .withLabels(read.objective() == BlackVipSettings.Objective.LABELS);
  }

  private static MethodDescriptor descriptor(boolean comparesFeatures, int averages) {
    return new MethodDescriptor(
        "blackvip",
        MethodKind.TEST_TIME_ADAPTER,
        "Paints a picture over each image; learns it by values of the loss alone.",
        "Oh et al., BlackVIP: Black-Box Visual Prompting for Robust Transfer Learning, CVPR 2023,"
            + " arXiv 2303.14773",
        comparesFeatures,
        false,
        Set.of(comparesFeatures ? SourceNeed.STATISTICS : SourceNeed.NONE),
        ModelNeed.FORWARDS,
        ParameterGroup.INPUT,
        2 * averages + 2);
  }

  @Override
  public CorrectorFactory read(SettingsReader settings) {
    BlackVipSettings read = BlackVipSettings.read(settings);
    return context -> new BlackVip(context, read);
  }
}
