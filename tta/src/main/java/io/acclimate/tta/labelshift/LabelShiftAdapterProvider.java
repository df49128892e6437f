package io.acclimate.tta.labelshift;

import io.acclimate.runtime.method.MethodDescriptor;
import io.acclimate.runtime.method.MethodKind;
import io.acclimate.runtime.method.SourceNeed;
import io.acclimate.runtime.settings.SettingsReader;
import io.acclimate.tta.CorrectorFactory;
import io.acclimate.tta.CorrectorProvider;
import java.util.Optional;

/** Registers {@link LabelShiftAdapter} under the name {@code label-shift-adapter}. */
public final class LabelShiftAdapterProvider implements CorrectorProvider {
  @Override
  public MethodDescriptor descriptor() {
    return new MethodDescriptor(
            "label-shift-adapter",
            MethodKind.OUTPUT_CORRECTOR,
            "Changes the head for the label distribution, by a network learned on the source.",
            "Park et al., Label Shift Adapter for Test-Time Adaptation under Covariate and Label"
                + " Shifts, ICCV 2023, arXiv 2308.08810",
            true,
            false)
        .needing(SourceNeed.HEAD, SourceNeed.LABEL_SHIFT);
  }

  @Override
  public CorrectorFactory read(SettingsReader settings) {
    double memory = settings.number("memory-samples", 1, 1e9);
    LabelShiftAdapter.Start start = settings.choice("start", LabelShiftAdapter.Start.class);
    SettingsReader em = settings.child("em");
    em.rejectUnknown();
    LabelShiftEmSettings read = LabelShiftEmSettings.read(em);
    Optional<LabelShiftEmSettings> estimator =
        settings.choice("estimate", LabelShiftAdapter.Estimate.class)
                == LabelShiftAdapter.Estimate.EM
            ? Optional.of(read)
            : Optional.empty();
    return context ->
        new LabelShiftAdapter(
            context.labelShift().orElseThrow(),
            context.head().orElseThrow(),
            context.sourcePrior(),
            start,
            memory,
            estimator);
  }
}
