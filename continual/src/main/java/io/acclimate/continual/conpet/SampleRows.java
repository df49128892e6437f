package io.acclimate.continual.conpet;

import io.acclimate.continual.LabelledBatch;
import io.acclimate.continual.SampleMasks;
import io.acclimate.replay.memory.Exemplar;
import io.acclimate.runtime.Tensor;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/** A batch that is put together row by row, masks and all. For one batch; not thread-safe. */
final class SampleRows {
  private final SampleCodec codec;
  private final Map<String, Tensor> inputs;
  private final int[] labels;
  private final double[] loss;
  private final Map<String, boolean[]> shown = new HashMap<>();
  private int filled;

  /** Starts a batch of so many rows. */
  SampleRows(SampleCodec codec, int rows) {
    this.codec = codec;
    this.inputs = codec.allocate(rows);
    this.labels = new int[rows];
    this.loss = new double[rows];
  }

  /** Adds a row of another batch. */
  void add(LabelledBatch batch, int row) {
    codec.copy(batch.inputs(), row, inputs, filled);
    batch
        .masks()
        .shown()
        .forEach(
            (input, mask) -> {
              int size = mask.length / batch.labels().length;
              System.arraycopy(mask, row * size, shown(input), filled * size, size);
            });
    close(batch.labels()[row], batch.masks().loss(row));
  }

  /** Adds a sample that was kept. */
  void add(Exemplar exemplar) {
    codec.decode(exemplar.values(), inputs, filled, (input, index) -> shown(input)[index] = false);
    close(exemplar.label(), exemplar.weight());
  }

  private boolean[] shown(String input) {
    return shown.computeIfAbsent(
        input,
        name -> {
          boolean[] all = new boolean[(int) inputs.get(name).elements()];
          Arrays.fill(all, true);
          return all;
        });
  }

  private void close(int label, double counts) {
    labels[filled] = label;
    loss[filled] = counts;
    filled++;
  }

  /** The batch, after its last row. */
  LabelledBatch batch() {
    boolean plain = shown.isEmpty() && Arrays.stream(loss).allMatch(one -> one == 1);
    return new LabelledBatch(
        inputs, labels, plain ? SampleMasks.NONE : new SampleMasks(loss, shown));
  }
}
