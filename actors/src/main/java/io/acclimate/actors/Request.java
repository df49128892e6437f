package io.acclimate.actors;

import io.acclimate.runtime.Tensor;
import java.util.concurrent.CompletableFuture;

/**
 * One batch on its way through the actors.
 *
 * @param labels null unless the method needs them
 * @param learn whether the method may learn from the batch
 */
record Request(
    long sequence,
    Tensor input,
    int[] labels,
    boolean learn,
    long submittedNanos,
    CompletableFuture<Prediction> answer) {
  int size() {
    return (int) input.dim(0);
  }
}
