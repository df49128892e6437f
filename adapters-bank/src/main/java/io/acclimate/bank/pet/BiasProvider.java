package io.acclimate.bank.pet;

import io.acclimate.runtime.method.MethodDescriptor;
import io.acclimate.runtime.method.MethodKind;
import io.acclimate.runtime.settings.SettingsReader;
import io.acclimate.runtime.sites.SiteKind;

/** Registers {@link BiasModule} under the name {@code bias}. */
public final class BiasProvider implements PetProvider {
  @Override
  public MethodDescriptor descriptor() {
    return new MethodDescriptor(
        "bias",
        MethodKind.PET_MODULE,
        "Tunes the biases that the model has.",
        "Ben Zaken et al., BitFit, ACL 2022, arXiv 2106.10199",
        false,
        false);
  }

  @Override
  public PetModule create(SettingsReader settings) {
    return new BiasModule(SiteSelection.read(settings).require(settings, BiasProvider::hasBias));
  }

  private static boolean hasBias(SiteKind kind) {
    return kind.isLinear() || kind == SiteKind.NORM || kind == SiteKind.CONV;
  }
}
