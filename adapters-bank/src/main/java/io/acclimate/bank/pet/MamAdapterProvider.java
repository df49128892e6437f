package io.acclimate.bank.pet;

import io.acclimate.runtime.method.MethodDescriptor;
import io.acclimate.runtime.method.MethodKind;
import io.acclimate.runtime.settings.SettingsReader;

/** Registers {@link AdapterModule} under the name {@code mam-adapter}, with defaults of its own. */
public final class MamAdapterProvider implements PetProvider {
  @Override
  public MethodDescriptor descriptor() {
    return new MethodDescriptor(
        "mam-adapter",
        MethodKind.PET_MODULE,
        "Scaled parallel adapters beside feed-forward networks, as in the mix-and-match adapter.",
        "He et al., Towards a Unified View of Parameter-Efficient Transfer Learning, ICLR 2022, arXiv 2110.04366",
        false,
        false);
  }

  @Override
  public PetModule create(SettingsReader settings) {
    return new AdapterModule(AdapterSettings.read(settings));
  }
}
