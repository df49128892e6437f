package io.acclimate.continual;

import io.acclimate.runtime.SeedTree;

/**
 * What a learner is made for. Immutable and safe to share.
 *
 * @param backbone the frozen model
 * @param seeds the root of the learner's random choices
 */
public record LearnerContext(Backbone backbone, SeedTree seeds) {}
