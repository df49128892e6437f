package io.acclimate.bank.pet;

import io.acclimate.runtime.method.MethodDescriptor;
import io.acclimate.runtime.method.MethodKind;
import io.acclimate.runtime.method.ParameterGroup;
import io.acclimate.runtime.method.SourceNeed;

/** What all modules have in common in the registry of methods. */
final class PetDescriptors {
  private PetDescriptors() {}

  /** A module, which is trained by gradients and costs one forward pass. */
  static MethodDescriptor of(String name, String summary, String paper, ParameterGroup changes) {
    return new MethodDescriptor(
        name,
        MethodKind.PET_MODULE,
        summary,
        paper,
        false,
        false,
        SourceNeed.NONE,
        true,
        changes,
        1);
  }
}
