package io.acclimate.tta.blackbox;

import io.acclimate.runtime.method.MethodDescriptor;
import io.acclimate.runtime.method.MethodKind;
import io.acclimate.runtime.method.ModelNeed;
import io.acclimate.runtime.method.ParameterGroup;
import io.acclimate.runtime.method.SourceNeed;
import io.acclimate.runtime.settings.SettingsReader;
import io.acclimate.tta.CorrectorFactory;
import io.acclimate.tta.CorrectorProvider;
import java.util.EnumSet;
import java.util.Set;

/** Registers {@link Foa} under the name {@code foa}. */
public final class FoaProvider implements CorrectorProvider {
  @Override
  public MethodDescriptor descriptor() {
    return descriptor(true, EnumSet.of(SourceNeed.STATISTICS, SourceNeed.HEAD), 27);
  }

  @Override
  public MethodDescriptor descriptor(SettingsReader settings) {
    FoaSettings read = FoaSettings.read(settings);
    Set<SourceNeed> needs = EnumSet.noneOf(SourceNeed.class);
    if (read.readsFeatures()) {
      needs.add(SourceNeed.STATISTICS);
    }
    if (read.activationShift() > 0) {
      needs.add(SourceNeed.HEAD);
    }
    return descriptor(read.readsFeatures(), needs, read.population());
  }

  private static MethodDescriptor descriptor(
      boolean features, Set<SourceNeed> needs, int population) {
    return new MethodDescriptor(
        "foa",
        MethodKind.TEST_TIME_ADAPTER,
        "Searches for an offset of the input under which the model is sure and source-like.",
        "Niu et al., Test-Time Model Adaptation with Only Forward Passes, ICML 2024,"
            + " arXiv 2404.01650",
        features,
        false,
        needs,
        ModelNeed.FORWARDS,
        ParameterGroup.INPUT,
        population + 3);
  }

  @Override
  public CorrectorFactory read(SettingsReader settings) {
    FoaSettings read = FoaSettings.read(settings);
    return context -> new Foa(context, read);
  }
}
