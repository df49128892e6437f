package io.acclimate.tests.ownmethod;

import io.acclimate.runtime.method.MethodDescriptor;
import io.acclimate.runtime.method.MethodKind;
import io.acclimate.runtime.settings.SettingsReader;
import io.acclimate.tta.CorrectorFactory;
import io.acclimate.tta.CorrectorProvider;

/** Registers {@link SmoothedAnswers} under the name {@code smoothed-answers}. */
public final class SmoothedAnswersProvider implements CorrectorProvider {
  @Override
  public MethodDescriptor descriptor() {
    return new MethodDescriptor(
        "smoothed-answers",
        MethodKind.OUTPUT_CORRECTOR,
        "Mixes each answer with the mean answer of the batch before.",
        "",
        false,
        false);
  }

  @Override
  public CorrectorFactory read(SettingsReader settings) {
    double share = settings.number("share", 0, 1);
    return context -> new SmoothedAnswers(context.classes(), share);
  }
}
