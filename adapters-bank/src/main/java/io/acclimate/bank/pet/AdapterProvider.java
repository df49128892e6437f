package io.acclimate.bank.pet;

import io.acclimate.runtime.method.MethodDescriptor;
import io.acclimate.runtime.method.MethodKind;
import io.acclimate.runtime.settings.SettingsReader;

/** Registers {@link AdapterModule} under the name {@code adapter}, with defaults of its own. */
public final class AdapterProvider implements PetProvider {
  @Override
  public MethodDescriptor descriptor() {
    return new MethodDescriptor(
        "adapter",
        MethodKind.PET_MODULE,
        "Bottleneck adapters beside attentions, as LAE has them.",
        "Gao et al., A Unified Continual Learning Framework with General Parameter-Efficient Tuning, ICCV 2023, arXiv 2303.10070",
        false,
        false);
  }

  @Override
  public PetModule create(SettingsReader settings) {
    return new AdapterModule(AdapterSettings.read(settings));
  }
}
