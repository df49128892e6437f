/**
 * Provides the serving of adapters as inputs of a call: the rows of one batch may each be answered
 * with another adapter of the bank, or with the frozen model.
 *
 * <p>A {@link io.acclimate.bank.serving.MixedGraph} is the frozen model's graph in which every
 * place of an adapter picks its parameters by row from stacks {@code [slots, ...]}; slot 0 holds
 * zeros, which is the frozen model. A {@link io.acclimate.bank.serving.MixedModel} runs it and
 * loads adapters into the stacks between two calls, the one not used for the longest making room.
 */
package io.acclimate.bank.serving;
