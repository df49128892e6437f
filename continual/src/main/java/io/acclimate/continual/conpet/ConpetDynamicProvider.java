package io.acclimate.continual.conpet;

import io.acclimate.continual.LearnerFactory;
import io.acclimate.continual.LearnerProvider;
import io.acclimate.runtime.method.MethodDescriptor;
import io.acclimate.runtime.method.MethodKind;
import io.acclimate.runtime.method.ParameterGroup;
import io.acclimate.runtime.method.SourceNeed;
import io.acclimate.runtime.settings.SettingsReader;

/** Registers {@link ConpetDynamic} under the name {@code conpet-dynamic}. */
public final class ConpetDynamicProvider implements LearnerProvider {
  @Override
  public MethodDescriptor descriptor() {
    return new MethodDescriptor(
        "conpet-dynamic",
        MethodKind.CONTINUAL_LEARNER,
        "A module for each task, and a selector that tells which one to ask.",
        "Song et al., ConPET: Continual Parameter-Efficient Tuning for Large Language Models, 2023, arXiv 2309.14763",
        true,
        true,
        SourceNeed.NONE,
        true,
        ParameterGroup.ADAPTERS,
        2);
  }

  @Override
  public LearnerFactory read(SettingsReader settings) {
    ConpetDynamicSettings read = ConpetDynamicSettings.read(settings);
    return context -> new ConpetDynamic(context, read);
  }
}
