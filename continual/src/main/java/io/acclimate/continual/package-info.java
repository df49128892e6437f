/**
 * Provides continual learners: algorithms that learn a sequence of tasks without forgetting.
 *
 * <p>A {@link io.acclimate.continual.ContinualLearner} is found by name through its {@link
 * io.acclimate.continual.LearnerProvider}, and made for a frozen {@link
 * io.acclimate.continual.Backbone}. Learners are plain objects of one thread: who feeds them, and
 * when, is not theirs to decide.
 */
package io.acclimate.continual;
