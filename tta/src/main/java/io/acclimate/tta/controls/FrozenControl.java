package io.acclimate.tta.controls;

import io.acclimate.runtime.method.MethodDescriptor;
import io.acclimate.runtime.method.MethodKind;
import io.acclimate.runtime.settings.SettingsReader;
import io.acclimate.tta.CorrectorFactory;
import io.acclimate.tta.CorrectorProvider;
import io.acclimate.tta.Unchanged;

/** The frozen model's own output, unchanged: what every method has to beat. */
public final class FrozenControl implements CorrectorProvider {
  @Override
  public MethodDescriptor descriptor() {
    return new MethodDescriptor(
        "frozen", MethodKind.CONTROL, "The frozen model's own output.", "", false, false);
  }

  @Override
  public CorrectorFactory read(SettingsReader settings) {
    return context -> new Unchanged();
  }
}
