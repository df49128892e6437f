package io.acclimate.continual.tuning;

import io.acclimate.continual.Backbone;
import io.acclimate.runtime.Tensor;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Picks rows of samples into tensors that are used again, so that samples which need the same
 * values run together. Not thread-safe.
 */
public final class RowGather {
  private final int capacity;
  private final Map<String, Tensor> tensors = new LinkedHashMap<>();

  /** Allocates a tensor for each input, for one call of the model. */
  public RowGather(Backbone backbone) {
    this.capacity = backbone.batch();
    backbone
        .graph()
        .inputs()
        .forEach(name -> tensors.put(name, backbone.graph().type(name).allocate()));
  }

  /** The most rows of one call. */
  public int capacity() {
    return capacity;
  }

  /**
   * Picks rows.
   *
   * @param inputs a tensor for each input, {@code [rows, ...]}
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
}
