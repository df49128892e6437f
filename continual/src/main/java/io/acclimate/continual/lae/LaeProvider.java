package io.acclimate.continual.lae;

import io.acclimate.continual.LearnerFactory;
import io.acclimate.continual.LearnerProvider;
import io.acclimate.runtime.method.MethodDescriptor;
import io.acclimate.runtime.method.MethodKind;
import io.acclimate.runtime.method.ParameterGroup;
import io.acclimate.runtime.method.SourceNeed;
import io.acclimate.runtime.settings.SettingsReader;

/** Registers {@link Lae} under the name {@code lae}. */
public final class LaeProvider implements LearnerProvider {
  @Override
  public MethodDescriptor descriptor() {
    return new MethodDescriptor(
        "lae",
        MethodKind.CONTINUAL_LEARNER,
        "A fast and a slow copy of one set of modules that answer together.",
        "Gao et al., A Unified Continual Learning Framework with General Parameter-Efficient Tuning, ICCV 2023, arXiv 2303.10070",
        true,
        true,
        SourceNeed.NONE,
        true,
        ParameterGroup.ADAPTERS,
        2);
  }

  @Override
  public LearnerFactory read(SettingsReader settings) {
    LaeSettings read = LaeSettings.read(settings);
    return context -> new Lae(context, read);
  }
}
