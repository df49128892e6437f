package io.acclimate.bank.pet;

import io.acclimate.runtime.method.MethodDescriptor;
import io.acclimate.runtime.method.ParameterGroup;
import io.acclimate.runtime.settings.SettingsReader;
import io.acclimate.runtime.sites.SiteKind;

/** Registers {@link BiasModule} under the name {@code bias}. */
public final class BiasProvider implements PetProvider {
  @Override
  public MethodDescriptor descriptor() {
    return PetDescriptors.of(
        "bias",
        "Tunes the biases that the model has.",
        "Ben Zaken et al., BitFit, ACL 2022, arXiv 2106.10199",
        ParameterGroup.ADAPTERS);
  }

  @Override
  public PetModule create(SettingsReader settings) {
    return new BiasModule(SiteSelection.read(settings).require(settings, BiasProvider::hasBias));
  }

  private static boolean hasBias(SiteKind kind) {
    return kind.isLinear() || kind == SiteKind.NORM || kind == SiteKind.CONV;
  }
}
