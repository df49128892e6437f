package io.acclimate.continual;

import io.acclimate.runtime.SeedTree;

/**
 * What a learner is made for. Immutable and safe to share.
 *
 * @param backbone the frozen model
 * @param seeds the root of the learner's random choices
 * @param adapters where adapters to start from are found
 */
public record LearnerContext(Backbone backbone, SeedTree seeds, AdapterSource adapters) {
  /** A context without adapters to start from. */
  public LearnerContext(Backbone backbone, SeedTree seeds) {
    this(backbone, seeds, AdapterSource.NONE);
  }
}
