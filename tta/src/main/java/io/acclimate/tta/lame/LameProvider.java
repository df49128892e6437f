package io.acclimate.tta.lame;

import io.acclimate.runtime.method.MethodDescriptor;
import io.acclimate.runtime.method.MethodKind;
import io.acclimate.runtime.settings.SettingsReader;
import io.acclimate.tta.CorrectorFactory;
import io.acclimate.tta.CorrectorProvider;

/** Registers {@link Lame} under the name {@code lame}. */
public final class LameProvider implements CorrectorProvider {
  static final String NAME = "lame";

  @Override
  public MethodDescriptor descriptor() {
    return new MethodDescriptor(
        NAME,
        MethodKind.OUTPUT_CORRECTOR,
        "Pulls the outputs of alike samples of a batch together; for labels correlated in time.",
        "Boudiaf et al., Parameter-free Online Test-time Adaptation, CVPR 2022, arXiv 2201.05718",
        true,
        false);
  }

  @Override
  public CorrectorFactory read(SettingsReader settings) {
    LameSettings read = LameSettings.read(settings);
    return context -> new Lame(read);
  }
}
