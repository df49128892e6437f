package io.acclimate.tta.prototypes;

import io.acclimate.runtime.method.MethodDescriptor;
import io.acclimate.runtime.method.MethodKind;
import io.acclimate.runtime.method.SourceNeed;
import io.acclimate.runtime.settings.SettingsReader;
import io.acclimate.tta.CorrectorFactory;
import io.acclimate.tta.CorrectorProvider;

/** Registers {@link T3a} under the name {@code t3a}. */
public final class T3aProvider implements CorrectorProvider {
  @Override
  public MethodDescriptor descriptor() {
    return new MethodDescriptor(
            "t3a",
            MethodKind.OUTPUT_CORRECTOR,
            "Classifies by the mean direction of the samples the model is surest of.",
            "Iwasawa and Matsuo, Test-Time Classifier Adjustment Module for Model-Agnostic Domain"
                + " Generalization, NeurIPS 2021",
            true,
            false)
        .needing(SourceNeed.HEAD);
  }

  @Override
  public CorrectorFactory read(SettingsReader settings) {
    int kept = settings.integer("supports", 1, 100_000);
    return context -> new T3a(context.head().orElseThrow(), kept);
  }
}
