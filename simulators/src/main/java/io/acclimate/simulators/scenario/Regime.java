package io.acclimate.simulators.scenario;

import io.acclimate.simulators.shift.StreamRecipe;

/**
 * One kind of stream.
 *
 * @param name what the report calls it
 * @param recipe the domains, their order and the label shift
 * @param batchSize samples of a batch
 * @param pace how fast batches come
 */
public record Regime(String name, StreamRecipe recipe, int batchSize, Pace pace) {}
