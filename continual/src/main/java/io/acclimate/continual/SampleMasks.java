package io.acclimate.continual;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.Tensor;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * What of a batch is shown and what counts, after RDTF's dual mask: parts of a sample that are
 * damaged, or kept back on purpose, can be hidden, and samples whose label is not to be trusted can
 * be left out of the loss. Samples that are kept to be learned again keep theirs; statistics and
 * means are taken of what is shown of the rows that count, whichever their weight. Immutable by
 * convention: the arrays are not to be written to.
 *
 * @param loss how much each row counts, at least 0; {@code [rows]}, empty for 1 everywhere
 * @param shown by input, row by row, for each value whether the model is given it, else it gets 0;
 *     inputs that are not named are shown
 */
public record SampleMasks(double[] loss, Map<String, boolean[]> shown) {
  /** Everything is shown and counts. */
  public static final SampleMasks NONE = new SampleMasks(new double[0], Map.of());

  /** Copies the map. */
  public SampleMasks {
    shown = Map.copyOf(shown);
  }

  /** How much a row counts. */
  public double loss(int row) {
    return loss.length == 0 ? 1 : loss[row];
  }

  /** The numbers of the rows that count. */
  public int[] counting(int rows) {
    return IntStream.range(0, rows).filter(row -> loss(row) > 0).toArray();
  }

  /**
   * Puts 0 where values are not shown.
   *
   * @param tensors by input, with the rows of the batch, or more after them
   * @throws AcclimateException when values of a type cannot be hidden
   */
  public void hide(Map<String, Tensor> tensors) {
    shown.forEach((input, mask) -> hide(input, tensors.get(input), mask));
  }

  private static void hide(String input, Tensor tensor, boolean[] mask) {
    for (int i = 0; i < mask.length; i++) {
      if (!mask[i]) {
        switch (tensor.type()) {
          case FLOAT32 -> tensor.floats().put(i, 0);
          case FLOAT64 -> tensor.doubles().put(i, 0);
          case INT32 -> tensor.ints().put(i, 0);
          case INT64 -> tensor.longs().put(i, 0);
          default ->
              throw new AcclimateException(
                  "condition mask '%s': expected an input of float32, float64, int32 or int64, found %s"
                      .formatted(input, tensor.type()));
        }
      }
    }
  }

  /** The share of a row's values that are hidden: how hard it is before any training. */
  public double hidden(int row, int rows) {
    long hidden = 0;
    long all = 0;
    for (boolean[] mask : shown.values()) {
      int length = mask.length / rows;
      all += length;
      for (int i = row * length; i < (row + 1) * length; i++) {
        hidden += mask[i] ? 0 : 1;
      }
    }
    return all == 0 ? 0 : hidden / (double) all;
  }

  /** Checks that the masks fit a batch. */
  void requireFit(Map<String, Tensor> inputs, int rows) {
    if (loss.length != 0 && loss.length != rows
        || !Arrays.stream(loss).allMatch(one -> one >= 0 && Double.isFinite(one))) {
      throw new AcclimateException(
          "loss mask: expected a number from 0 for each of %d rows, found %s"
              .formatted(rows, Arrays.toString(loss)));
    }
    shown.forEach(
        (name, mask) -> {
          if (!inputs.containsKey(name) || inputs.get(name).elements() != mask.length) {
            throw new AcclimateException(
                "condition mask '%s': expected one of %s with as many values, found %d"
                    .formatted(name, inputs, mask.length));
          }
        });
  }
}
