package io.acclimate.actors;

/**
 * A copy of what the model said of one batch.
 *
 * @param logits {@code [size, classes]}
 * @param features {@code [size, featureSize]}, empty without features
 */
record ModelOutput(int size, float[] logits, float[] features, long startNanos, long endNanos) {}
