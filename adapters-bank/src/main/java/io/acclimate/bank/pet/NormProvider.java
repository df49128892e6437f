package io.acclimate.bank.pet;

import io.acclimate.runtime.method.MethodDescriptor;
import io.acclimate.runtime.method.MethodKind;
import io.acclimate.runtime.settings.SettingsReader;
import io.acclimate.runtime.sites.SiteKind;

/** Registers {@link NormModule} under the name {@code norm}. */
public final class NormProvider implements PetProvider {
  @Override
  public MethodDescriptor descriptor() {
    return new MethodDescriptor(
        "norm",
        MethodKind.PET_MODULE,
        "Tunes the scales and biases of normalisations.",
        "Frankle et al., Training BatchNorm and Only BatchNorm, ICLR 2021, arXiv 2003.00152",
        false,
        false);
  }

  @Override
  public PetModule create(SettingsReader settings) {
    return new NormModule(
        SiteSelection.read(settings).require(settings, kind -> kind == SiteKind.NORM));
  }
}
