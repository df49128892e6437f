package io.acclimate.continual;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.Tensor;
import java.util.HashMap;
import java.util.Map;

/**
 * Samples with their true classes.
 *
 * @param inputs a tensor for each input of the model, {@code [rows, ...]}
 * @param labels the class of each row, in the numbers that tasks announce; at least one
 * @param masks what is shown and counts
 */
public record LabelledBatch(Map<String, Tensor> inputs, int[] labels, SampleMasks masks) {
  /** A batch of which everything is shown and counts. */
  public LabelledBatch(Map<String, Tensor> inputs, int[] labels) {
    this(inputs, labels, SampleMasks.NONE);
  }

  /**
   * Checks that every input has a row for each label, and that the masks fit.
   *
   * @throws AcclimateException when one has not, or there is no row
   */
  public LabelledBatch {
    int rows = rows(inputs);
    if (rows != labels.length) {
      throw new AcclimateException(
          "expected a label for each of %d rows, found %d".formatted(rows, labels.length));
    }
    masks.requireFit(inputs, rows);
    inputs = Map.copyOf(inputs);
  }

  /** The inputs with 0 where values are not shown: the inputs themselves when all are. */
  public Map<String, Tensor> shownInputs() {
    if (masks.shown().isEmpty()) {
      return inputs;
    }
    Map<String, Tensor> copies = new HashMap<>(inputs);
    masks
        .shown()
        .keySet()
        .forEach(input -> copies.computeIfPresent(input, (name, one) -> one.copy()));
    masks.hide(copies);
    return copies;
  }

  /** Whether no row counts, so that there is nothing to learn. */
  public boolean countsNothing() {
    return masks.counting(labels.length).length == 0;
  }

  /** The same samples with other labels. */
  public LabelledBatch withLabels(int[] others) {
    return new LabelledBatch(inputs, others, masks);
  }

  /**
   * The rows that all inputs have.
   *
   * @throws AcclimateException when their numbers differ, or there is none
   */
  public static int rows(Map<String, Tensor> inputs) {
    long rows = -1;
    for (Tensor tensor : inputs.values()) {
      long found = tensor.rank() == 0 ? 0 : tensor.dim(0);
      if (found < 1 || rows >= 0 && rows != found) {
        throw new AcclimateException(
            "expected inputs with the same number of rows, at least 1, found " + inputs);
      }
      rows = found;
    }
    if (rows < 0) {
      throw new AcclimateException("expected at least one input, found none");
    }
    return Math.toIntExact(rows);
  }
}
