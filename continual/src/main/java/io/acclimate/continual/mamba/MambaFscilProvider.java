package io.acclimate.continual.mamba;

import io.acclimate.continual.LearnerFactory;
import io.acclimate.continual.LearnerProvider;
import io.acclimate.runtime.method.MethodDescriptor;
import io.acclimate.runtime.method.MethodKind;
import io.acclimate.runtime.method.ParameterGroup;
import io.acclimate.runtime.method.SourceNeed;
import io.acclimate.runtime.settings.SettingsReader;

/** Registers {@link MambaFscil} under the name {@code mamba-fscil}. */
public final class MambaFscilProvider implements LearnerProvider {
  @Override
  public MethodDescriptor descriptor() {
    return new MethodDescriptor(
        "mamba-fscil",
        MethodKind.CONTINUAL_LEARNER,
        "A second selective projector learns few-shot classes beside a frozen one.",
        "Li et al., Mamba-FSCIL: Dynamic Adaptation with Selective State Space Model for Few-Shot Class-Incremental Learning, arXiv 2407.06136",
        true,
        true,
        SourceNeed.NONE,
        true,
        ParameterGroup.ADAPTERS,
        1);
  }

  @Override
  public LearnerFactory read(SettingsReader settings) {
    MambaFscilSettings read = MambaFscilSettings.read(settings);
    return context -> new MambaFscil(context, read);
  }
}
