package io.acclimate.actors;

import io.acclimate.runtime.Tensor;
import java.util.concurrent.CompletableFuture;

/** One batch on its way through the actors; {@code labels} is null unless the method needs them. */
record Request(
    long sequence,
    Tensor input,
    int[] labels,
    long submittedNanos,
    CompletableFuture<Prediction> answer) {
  int size() {
    return (int) input.dim(0);
  }
}
