package io.acclimate.continual.controls;

import io.acclimate.continual.LearnerFactory;
import io.acclimate.continual.LearnerProvider;
import io.acclimate.continual.tuning.TuningSettings;
import io.acclimate.runtime.method.MethodDescriptor;
import io.acclimate.runtime.method.MethodKind;
import io.acclimate.runtime.method.ParameterGroup;
import io.acclimate.runtime.method.SourceNeed;
import io.acclimate.runtime.settings.SettingsReader;

/** Registers the control {@code naive}: {@link TuningControl}. */
public final class NaiveProvider implements LearnerProvider {
  @Override
  public MethodDescriptor descriptor() {
    return new MethodDescriptor(
        "naive",
        MethodKind.CONTROL,
        "Tunes one set of modules task after task, and forgets.",
        "",
        true,
        true,
        SourceNeed.NONE,
        true,
        ParameterGroup.ADAPTERS,
        1);
  }

  @Override
  public LearnerFactory read(SettingsReader settings) {
    TuningSettings tuning = TuningSettings.readWithHead(settings);
    return context -> new TuningControl(context, tuning, false);
  }
}
