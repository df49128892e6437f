package io.acclimate.tta.labelshift;

import io.acclimate.runtime.method.MethodDescriptor;
import io.acclimate.runtime.method.MethodKind;
import io.acclimate.runtime.settings.SettingsReader;
import io.acclimate.tta.CorrectorFactory;
import io.acclimate.tta.CorrectorProvider;

/** Registers {@link LabelShiftEm} under the name {@code label-shift-em}. */
public final class LabelShiftEmProvider implements CorrectorProvider {
  static final String NAME = "label-shift-em";

  @Override
  public MethodDescriptor descriptor() {
    return new MethodDescriptor(
        NAME,
        MethodKind.OUTPUT_CORRECTOR,
        "Estimates the label distribution by expectation maximisation and corrects for it.",
        "Saerens, Latinne and Decaestecker, Adjusting the Outputs of a Classifier to New a Priori"
            + " Probabilities, Neural Computation 14(1), 2002",
        false,
        false);
  }

  @Override
  public CorrectorFactory read(SettingsReader settings) {
    LabelShiftEmSettings read = LabelShiftEmSettings.read(settings);
    return context -> new LabelShiftEm(context.sourcePrior(), read);
  }
}
