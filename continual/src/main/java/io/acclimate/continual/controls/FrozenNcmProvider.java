package io.acclimate.continual.controls;

import io.acclimate.continual.LearnerFactory;
import io.acclimate.continual.LearnerProvider;
import io.acclimate.runtime.method.MethodDescriptor;
import io.acclimate.runtime.method.MethodKind;
import io.acclimate.runtime.settings.SettingsReader;

/** Registers the control {@code frozen-ncm}: {@link FrozenNcm}. */
public final class FrozenNcmProvider implements LearnerProvider {
  @Override
  public MethodDescriptor descriptor() {
    return new MethodDescriptor(
        "frozen-ncm",
        MethodKind.CONTROL,
        "The nearest class mean among the frozen model's features: the bar to clear.",
        "",
        true,
        true);
  }

  @Override
  public LearnerFactory read(SettingsReader settings) {
    return context -> new FrozenNcm(context.backbone());
  }
}
