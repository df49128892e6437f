package io.acclimate.continual.controls;

import io.acclimate.continual.LearnerFactory;
import io.acclimate.continual.LearnerProvider;
import io.acclimate.continual.tuning.TuningSettings;
import io.acclimate.runtime.method.MethodDescriptor;
import io.acclimate.runtime.method.MethodKind;
import io.acclimate.runtime.method.ParameterGroup;
import io.acclimate.runtime.method.SourceNeed;
import io.acclimate.runtime.settings.SettingsReader;

/** Registers the control {@code joint}: {@link TuningControl}. */
public final class JointProvider implements LearnerProvider {
  @Override
  public MethodDescriptor descriptor() {
    return new MethodDescriptor(
        "joint",
        MethodKind.CONTROL,
        "Tunes anew on the samples of all tasks so far: a ceiling.",
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
    return context -> new TuningControl(context, tuning, true);
  }
}
