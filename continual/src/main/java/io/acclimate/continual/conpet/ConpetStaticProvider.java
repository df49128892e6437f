package io.acclimate.continual.conpet;

import io.acclimate.continual.LearnerFactory;
import io.acclimate.continual.LearnerProvider;
import io.acclimate.runtime.method.MethodDescriptor;
import io.acclimate.runtime.method.MethodKind;
import io.acclimate.runtime.method.ParameterGroup;
import io.acclimate.runtime.method.SourceNeed;
import io.acclimate.runtime.settings.SettingsReader;

/** Registers {@link ConpetStatic} under the name {@code conpet-static}. */
public final class ConpetStaticProvider implements LearnerProvider {
  @Override
  public MethodDescriptor descriptor() {
    return new MethodDescriptor(
        "conpet-static",
        MethodKind.CONTINUAL_LEARNER,
        "One set of modules that learns new samples together with some old ones.",
        "Song et al., ConPET: Continual Parameter-Efficient Tuning for Large Language Models, 2023, arXiv 2309.14763",
        true,
        true,
        SourceNeed.NONE,
        true,
        ParameterGroup.ADAPTERS,
        1);
  }

  @Override
  public LearnerFactory read(SettingsReader settings) {
    ConpetStaticSettings read = ConpetStaticSettings.read(settings);
    return context -> new ConpetStatic(context, read);
  }
}
