/**
 * Provides what a continual learner remembers of classes instead of their samples: prototypes, and
 * means and covariances of features that are collected sample by sample.
 *
 * <p>{@link io.acclimate.bank.statistics.ClassStatistics} holds one {@link
 * io.acclimate.bank.statistics.FeatureStatistics} for each class; its {@link
 * io.acclimate.bank.statistics.GaussianSampler} draws features that look like the class's.
 */
package io.acclimate.bank.statistics;
