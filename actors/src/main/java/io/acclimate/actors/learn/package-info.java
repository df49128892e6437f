/**
 * Provides learning in the background: a {@link io.acclimate.actors.learn.BackgroundLearner} trains
 * a continual learner on labelled samples within a budget, and an adapter of what was learned
 * serves only once it has passed a check on held-out samples.
 *
 * <p>All decisions are made by plain objects on one thread ({@code LearnerCore}, {@link
 * io.acclimate.actors.learn.PromotionGate}); the actors add the thread, the budget and the bank's
 * keeper.
 */
package io.acclimate.actors.learn;
