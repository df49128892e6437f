package io.acclimate.bank.pet;

import io.acclimate.runtime.method.MethodDescriptor;
import io.acclimate.runtime.method.MethodKind;
import io.acclimate.runtime.settings.SettingsReader;

/** Registers {@link HeadModule} under the name {@code head}. */
public final class HeadProvider implements PetProvider {
  @Override
  public MethodDescriptor descriptor() {
    return new MethodDescriptor(
        "head",
        MethodKind.PET_MODULE,
        "A linear classifier of the model's features whose classes can grow.",
        "",
        false,
        false);
  }

  @Override
  public PetModule create(SettingsReader settings) {
    return new HeadModule(HeadSettings.read(settings));
  }
}
