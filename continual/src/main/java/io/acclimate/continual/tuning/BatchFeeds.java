package io.acclimate.continual.tuning;

import io.acclimate.continual.Backbone;
import io.acclimate.continual.LabelledBatch;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.Tensor;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Tensors for the inputs of a backbone, filled again for every call. Rows that are left over repeat
 * the last sample. Not thread-safe.
 */
public final class BatchFeeds {
  private final int capacity;
  private final Map<String, Tensor> tensors = new LinkedHashMap<>();

  /** Allocates a tensor for each input. */
  public BatchFeeds(Backbone backbone) {
    this.capacity = backbone.batch();
    backbone
        .graph()
        .inputs()
        .forEach(name -> tensors.put(name, backbone.graph().type(name).allocate()));
  }

  /** The rows of a call. */
  public int capacity() {
    return capacity;
  }

  /** The tensors by input; overwritten by the next {@link #fill} or {@link #gather}. */
  public Map<String, Tensor> tensors() {
    return tensors;
  }

  /**
   * Checks samples before a call.
   *
   * @param inputs a tensor for each input, {@code [rows, ...]}
   * @return the number of rows, at least 1
   * @throws AcclimateException when names, types or shapes do not fit the model
   */
  public int requireFit(Map<String, Tensor> inputs) {
    if (!inputs.keySet().equals(tensors.keySet())) {
      throw new AcclimateException(
          "expected inputs %s, found %s".formatted(tensors.keySet(), inputs.keySet()));
    }
    int rows = LabelledBatch.rows(inputs);
    inputs.forEach(
        (name, tensor) -> {
          Tensor target = tensors.get(name);
          long[] expected = target.shape();
          expected[0] = rows;
          if (tensor.type() != target.type() || !Arrays.equals(tensor.shape(), expected)) {
            throw new AcclimateException(
                "input '%s': expected %s%s, found %s"
                    .formatted(name, target.type(), Arrays.toString(expected), tensor));
          }
        });
    return rows;
  }

  /**
   * Copies samples in.
   *
   * @param inputs tensors that {@link #requireFit}
   * @param start the first row
   * @return how many rows were taken, at most {@link #capacity()}
   */
  public int fill(Map<String, Tensor> inputs, int start) {
    int rows = LabelledBatch.rows(inputs);
    int taken = Math.min(capacity, rows - start);
    inputs.forEach((name, tensor) -> copy(tensor, start, taken, tensors.get(name)));
    return taken;
  }

  /**
   * Copies chosen samples in, so that those which need the same values run together.
   *
   * @param inputs tensors that {@link #requireFit}
   * @param rows which rows
   * @param start the first of them to take
   * @param count how many, at most {@link #capacity()}
   * @return tensors of so many rows; overwritten by the next call
   */
  public Map<String, Tensor> gather(Map<String, Tensor> inputs, int[] rows, int start, int count) {
    Map<String, Tensor> picked = new LinkedHashMap<>();
    tensors.forEach(
        (name, target) -> {
          ByteBuffer from = inputs.get(name).bytes();
          ByteBuffer to = target.bytes();
          int rowBytes = to.capacity() / capacity;
          for (int i = start; i < start + count; i++) {
            to.put(from.duplicate().position(rows[i] * rowBytes).limit((rows[i] + 1) * rowBytes));
          }
          picked.put(name, target.rows(count));
        });
    return picked;
  }

  private void copy(Tensor source, int start, int taken, Tensor target) {
    ByteBuffer to = target.bytes();
    ByteBuffer from = source.bytes();
    int rowBytes = to.capacity() / capacity;
    to.put(from.duplicate().position(start * rowBytes).limit((start + taken) * rowBytes));
    for (int row = taken; row < capacity; row++) {
      int last = start + taken - 1;
      to.put(from.duplicate().position(last * rowBytes).limit((last + 1) * rowBytes));
    }
  }
}
