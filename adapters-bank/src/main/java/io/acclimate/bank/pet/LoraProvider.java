package io.acclimate.bank.pet;

import io.acclimate.runtime.method.MethodDescriptor;
import io.acclimate.runtime.method.MethodKind;
import io.acclimate.runtime.settings.SettingsReader;

/** Registers {@link LoraModule} under the name {@code lora}. */
public final class LoraProvider implements PetProvider {
  @Override
  public MethodDescriptor descriptor() {
    return new MethodDescriptor(
        "lora",
        MethodKind.PET_MODULE,
        "Adds a product of two small matrices to linear layers; folds into the weights.",
        "Hu et al., LoRA: Low-Rank Adaptation of Large Language Models, ICLR 2022, arXiv 2106.09685",
        false,
        false);
  }

  @Override
  public PetModule create(SettingsReader settings) {
    return new LoraModule(LoraSettings.read(settings));
  }
}
