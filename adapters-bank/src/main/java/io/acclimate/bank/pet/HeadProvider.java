package io.acclimate.bank.pet;

import io.acclimate.runtime.method.MethodDescriptor;
import io.acclimate.runtime.method.ParameterGroup;
import io.acclimate.runtime.settings.SettingsReader;

/** Registers {@link HeadModule} under the name {@code head}. */
public final class HeadProvider implements PetProvider {
  static final String NAME = "head";

  @Override
  public MethodDescriptor descriptor() {
    return PetDescriptors.of(
        NAME,
        "A linear classifier of the model's features whose classes can grow.",
        "",
        ParameterGroup.ADAPTERS);
  }

  @Override
  public PetModule create(SettingsReader settings) {
    return new HeadModule(HeadSettings.read(settings));
  }
}
