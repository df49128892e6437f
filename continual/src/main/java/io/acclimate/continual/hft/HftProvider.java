package io.acclimate.continual.hft;

import io.acclimate.continual.LearnerFactory;
import io.acclimate.continual.LearnerProvider;
import io.acclimate.runtime.method.MethodDescriptor;
import io.acclimate.runtime.method.MethodKind;
import io.acclimate.runtime.method.ParameterGroup;
import io.acclimate.runtime.method.SourceNeed;
import io.acclimate.runtime.settings.SettingsReader;

/** Registers {@link Hft} under the name {@code hft}. */
public final class HftProvider implements LearnerProvider {
  @Override
  public MethodDescriptor descriptor() {
    return new MethodDescriptor(
        "hft",
        MethodKind.CONTINUAL_LEARNER,
        "Tunes a random half of the modules in each task and lets the other half rest.",
        "Hui et al., HFT: Half Fine-Tuning for Large Language Models, ACL 2025, arXiv 2404.18466",
        true,
        true,
        SourceNeed.NONE,
        true,
        ParameterGroup.ADAPTERS,
        1);
  }

  @Override
  public LearnerFactory read(SettingsReader settings) {
    HftSettings read = HftSettings.read(settings);
    return context -> new Hft(context, read);
  }
}
