/**
 * Provides ways to make one adapter of several.
 *
 * <p>Every {@link io.acclimate.bank.merge.MergeRule} is a pure function of its inputs. Rules that
 * learners apply after each step of training also have a form that works in place: {@link
 * io.acclimate.bank.merge.MomentumAccumulation} and {@link io.acclimate.bank.merge.PrefixMean}.
 */
package io.acclimate.bank.merge;
