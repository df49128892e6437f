package io.acclimate.actors;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.TensorSpec;
import java.nio.FloatBuffer;

/** Refuses batches and labels that a stream cannot work with. Immutable. */
record InputCheck(String stream, TensorSpec spec, int classes) {
  /** Checks shape and values, and the number of labels; {@code labels} may be null. */
  void batch(Tensor batch, int[] labels) {
    if (!spec.accepts(batch.shape())) {
      throw new AcclimateException(
          "stream %s: expected a batch %s, found %s".formatted(stream, spec.shapeText(), batch));
    }
    if (batch.dim(0) == 0) {
      throw new AcclimateException("stream " + stream + ": batch is empty");
    }
    if (labels != null && labels.length != batch.dim(0)) {
      throw new AcclimateException(
          "stream %s: expected %d labels, found %d".formatted(stream, batch.dim(0), labels.length));
    }
    FloatBuffer values = batch.floats();
    int count = values.remaining();
    int perSample = count / (int) batch.dim(0);
    for (int k = 0; k < count; k++) {
      if (!Float.isFinite(values.get(k))) {
        throw new AcclimateException(
            "stream %s: expected finite values, found %s in sample %d at position %d"
                .formatted(stream, values.get(k), k / perSample, k % perSample));
      }
    }
  }

  /** Checks labels that come in later: classes from 0, or -1 where one is not known. */
  void feedback(int[] labels) {
    for (int i = 0; i < labels.length; i++) {
      if (labels[i] < PendingFeedback.UNKNOWN_LABEL || labels[i] >= classes) {
        throw new AcclimateException(
            "stream %s: expected labels from 0 to %d, or -1 for unknown, found %d for sample %d"
                .formatted(stream, classes - 1, labels[i], i));
      }
    }
  }
}
