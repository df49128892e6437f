package io.acclimate.bank.pet;

import io.acclimate.runtime.method.MethodDescriptor;
import io.acclimate.runtime.method.ParameterGroup;
import io.acclimate.runtime.settings.SettingsReader;
import io.acclimate.runtime.sites.SiteKind;

/** Registers {@link NormModule} under the name {@code norm}. */
public final class NormProvider implements PetProvider {
  @Override
  public MethodDescriptor descriptor() {
    return PetDescriptors.of(
        "norm",
        "Tunes the scales and biases of normalisations.",
        "Frankle et al., Training BatchNorm and Only BatchNorm, ICLR 2021, arXiv 2003.00152",
        ParameterGroup.NORM_AFFINE);
  }

  @Override
  public PetModule create(SettingsReader settings) {
    return new NormModule(
        SiteSelection.read(settings).require(settings, kind -> kind == SiteKind.NORM));
  }
}
