package io.acclimate.continual;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.Tensor;
import java.util.Arrays;
import java.util.Map;

/**
 * What of a batch is shown and what counts, after RDTF's dual mask: parts of a sample that are
 * damaged, or kept back on purpose, can be hidden, and samples whose label is not to be trusted can
 * be left out of the loss. Honoured by learners that tune modules, in all steps but those of ConPET
 * that are mixed with old samples and the pass of MOS that takes statistics. Immutable by
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
