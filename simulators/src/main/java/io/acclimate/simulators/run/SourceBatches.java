package io.acclimate.simulators.run;

import io.acclimate.runtime.DType;
import io.acclimate.runtime.Tensor;
import io.acclimate.simulators.data.Dataset;
import java.util.stream.IntStream;

/**
 * Puts samples of a dataset into one batch after the other, on the same memory. Not thread-safe.
 */
public final class SourceBatches {
  private final Dataset data;
  private final Tensor batch;
  private final float[] sample;

  /** Room for batches of at most this many samples. */
  public SourceBatches(Dataset data, int size) {
    this.data = data;
    long[] shape = new long[data.sampleShape().length + 1];
    shape[0] = size;
    for (int axis = 1; axis < shape.length; axis++) {
      shape[axis] = data.sampleShape()[axis - 1];
    }
    this.batch = Tensor.allocate(DType.FLOAT32, shape);
    this.sample = new float[(int) (batch.elements() / size)];
  }

  /** Some samples in the order of the dataset; overwritten by the next call. */
  public Tensor fill(int start, int count) {
    return fill(IntStream.range(start, start + count).toArray());
  }

  /** Samples by their numbers; overwritten by the next call. */
  public Tensor fill(int[] places) {
    for (int i = 0; i < places.length; i++) {
      data.copySample(places[i], sample, 0);
      batch.floats().put(i * sample.length, sample);
    }
    return batch.rows(places.length);
  }
}
