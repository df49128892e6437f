package io.acclimate.continual.mos;

import io.acclimate.continual.LearnerFactory;
import io.acclimate.continual.LearnerProvider;
import io.acclimate.runtime.method.MethodDescriptor;
import io.acclimate.runtime.method.MethodKind;
import io.acclimate.runtime.method.ParameterGroup;
import io.acclimate.runtime.method.SourceNeed;
import io.acclimate.runtime.settings.SettingsReader;

/** Registers {@link Mos} under the name {@code mos}. */
public final class MosProvider implements LearnerProvider {
  @Override
  public MethodDescriptor descriptor() {
    return new MethodDescriptor(
        "mos",
        MethodKind.CONTINUAL_LEARNER,
        "Adapters of tasks that are merged step by step, found again by their own predictions.",
        "Sun et al., MOS: Model Surgery for Pre-Trained Model-Based Class-Incremental Learning, AAAI 2025, arXiv 2412.09441",
        true,
        true,
        SourceNeed.NONE,
        true,
        ParameterGroup.ADAPTERS,
        5);
  }

  @Override
  public LearnerFactory read(SettingsReader settings) {
    MosSettings read = MosSettings.read(settings);
    return context -> new Mos(context, read);
  }
}
