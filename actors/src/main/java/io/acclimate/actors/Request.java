package io.acclimate.actors;

import io.acclimate.runtime.Tensor;
import java.util.concurrent.CompletableFuture;

/**
 * One batch on its way through the actors.
 *
 * @param labels null unless the method needs them
 * @param learn whether the method may learn from the batch
 * @param adapter what it is to be served with
 */
record Request(
    long sequence,
    Tensor input,
    int[] labels,
    boolean learn,
    AdapterChoice adapter,
    long submittedNanos,
    CompletableFuture<Prediction> answer) {
  /** Whether it is to be served with an adapter. */
  boolean isAdapted() {
    return !(adapter instanceof AdapterChoice.Frozen);
  }

  int size() {
    return (int) input.dim(0);
  }
}
