package io.acclimate.bank.pet;

import io.acclimate.runtime.method.MethodDescriptor;
import io.acclimate.runtime.method.MethodKind;
import io.acclimate.runtime.settings.SettingsReader;

/** Registers {@link AdapterModule} under the name {@code mos-adapter}, with defaults of its own. */
public final class MosAdapterProvider implements PetProvider {
  @Override
  public MethodDescriptor descriptor() {
    return new MethodDescriptor(
        "mos-adapter",
        MethodKind.PET_MODULE,
        "Bottleneck adapters beside feed-forward networks, as MOS has them.",
        "Sun et al., MOS: Model Surgery for Pre-Trained Model-Based Class-Incremental Learning, AAAI 2025, arXiv 2412.09441",
        false,
        false);
  }

  @Override
  public PetModule create(SettingsReader settings) {
    return new AdapterModule(AdapterSettings.read(settings));
  }
}
