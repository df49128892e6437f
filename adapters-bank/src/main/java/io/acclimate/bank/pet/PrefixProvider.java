package io.acclimate.bank.pet;

import io.acclimate.runtime.method.MethodDescriptor;
import io.acclimate.runtime.method.MethodKind;
import io.acclimate.runtime.settings.SettingsReader;

/** Registers {@link PrefixModule} under the name {@code prefix}. */
public final class PrefixProvider implements PetProvider {
  @Override
  public MethodDescriptor descriptor() {
    return new MethodDescriptor(
        "prefix",
        MethodKind.PET_MODULE,
        "Gives every attention further keys and values.",
        "Li and Liang, Prefix-Tuning, ACL 2021, arXiv 2101.00190",
        false,
        false);
  }

  @Override
  public PetModule create(SettingsReader settings) {
    return new PrefixModule(PrefixSettings.read(settings));
  }
}
