package io.acclimate.tta.labelshift;

import io.acclimate.runtime.AcclimateException;
import java.util.Arrays;

/**
 * What of a label distribution a label shift adapter is told. Immutable by convention: the array is
 * not to be written to.
 *
 * @param kind in which form
 * @param axis the label distribution of imbalance degree 1, {@code [classes]}, no share 0
 */
public record LabelCondition(Kind kind, double[] axis) {
  /** In which form a label distribution is told. */
  public enum Kind {
    /**
     * One number, 1 for the axis, 0 for even shares, -1 for the axis with the ranks of its classes
     * reversed: (KL(prior, reversed) - KL(prior, axis)) / KL(axis, reversed).
     */
    IMBALANCE_DEGREE,
    /** The logarithm of each share, relative to an even one. */
    SHARES
  }

  /**
   * Checks the axis.
   *
   * @throws AcclimateException when a share is not above 0, or one number is asked for and the axis
   *     is even
   */
  public LabelCondition {
    if (Arrays.stream(axis).anyMatch(share -> !(share > 0 && share < 1))) {
      throw new AcclimateException(
          "label condition: expected shares between 0 and 1, found " + Arrays.toString(axis));
    }
    if (kind == Kind.IMBALANCE_DEGREE && Arrays.stream(axis).distinct().count() < 2) {
      throw new AcclimateException(
          "label condition: expected an axis that is not even, for a degree of imbalance");
    }
  }

  /** The numbers that tell a label distribution. */
  public int size() {
    return kind == Kind.SHARES ? axis.length : 1;
  }

  /**
   * Tells a label distribution.
   *
   * @param prior {@code [classes]}, no share 0
   * @param target receives {@code [size]}
   */
  public void write(double[] prior, double[] target) {
    if (kind == Kind.SHARES) {
      for (int c = 0; c < axis.length; c++) {
        target[c] = Math.log(prior[c] * axis.length);
      }
      return;
    }
    double[] reversed = reversed(axis);
    double degree = 0;
    double scale = 0;
    for (int c = 0; c < axis.length; c++) {
      double ratio = Math.log(axis[c] / reversed[c]);
      degree += prior[c] * ratio;
      scale += axis[c] * ratio;
    }
    target[0] = degree / scale;
  }

  /** The shares with the ranks of their classes reversed: the commonest gets the smallest. */
  static double[] reversed(double[] shares) {
    Integer[] order = new Integer[shares.length];
    Arrays.setAll(order, c -> c);
    Arrays.sort(order, (a, b) -> Double.compare(shares[a], shares[b]));
    double[] reversed = new double[shares.length];
    for (int rank = 0; rank < order.length; rank++) {
      reversed[order[rank]] = shares[order[order.length - 1 - rank]];
    }
    return reversed;
  }
}
