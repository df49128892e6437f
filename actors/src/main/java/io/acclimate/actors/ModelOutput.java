package io.acclimate.actors;

import java.util.Optional;

/**
 * A copy of what the model said of one batch.
 *
 * @param served the adapter it was made with
 * @param problem why the frozen model answered though an adapter was chosen
 * @param logits {@code [size, classes]}
 * @param features {@code [size, featureSize]}, empty without features
 */
record ModelOutput(
    int size,
    float[] logits,
    float[] features,
    Optional<ServedAdapter> served,
    Optional<String> problem,
    long startNanos,
    long endNanos) {
  /** What the journal has of a batch. */
  static ModelOutput recorded(int size, float[] logits, float[] features) {
    return new ModelOutput(size, logits, features, Optional.empty(), Optional.empty(), 0, 0);
  }
}
