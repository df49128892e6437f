package io.acclimate.runtime;

import java.util.Arrays;

/** Small operations on matrices stored row by row. Stateless. */
public final class Rows {
  private Rows() {}

  /**
   * The column of the largest value in each row; the first one wins a tie.
   *
   * @param values {@code [rows, columns]}; may be longer than that
   * @return {@code [rows]}
   */
  public static int[] argmax(double[] values, int rows, int columns) {
    int[] best = new int[rows];
    Arrays.setAll(best, row -> greatest(values, row * columns, columns));
    return best;
  }

  /** The index of the largest value; the first one wins a tie. */
  public static int greatest(double[] values) {
    return greatest(values, 0, values.length);
  }

  /**
   * The column of the largest value of the row that starts at a place; the first one wins a tie.
   */
  public static int greatest(double[] values, int from, int columns) {
    int best = 0;
    for (int c = 1; c < columns; c++) {
      best = values[from + c] > values[from + best] ? c : best;
    }
    return best;
  }

  /** The columns of the largest values of single precision, such as logits. */
  public static int[] argmax(float[] values, int rows, int columns) {
    int[] best = new int[rows];
    for (int i = 0; i < rows; i++) {
      for (int c = 1; c < columns; c++) {
        if (values[i * columns + c] > values[i * columns + best[i]]) {
          best[i] = c;
        }
      }
    }
    return best;
  }

  /** The entropy in nats of one row of probabilities. */
  public static double entropy(double[] values, int from, int columns) {
    double entropy = 0;
    for (int k = from; k < from + columns; k++) {
      entropy -= values[k] > 0 ? values[k] * Math.log(values[k]) : 0;
    }
    return entropy;
  }

  /** Puts the softmax of each row of logits in its place. */
  public static void softmax(double[] values, int rows, int columns) {
    for (int row = 0; row < rows * columns; row += columns) {
      double max = Double.NEGATIVE_INFINITY;
      for (int k = row; k < row + columns; k++) {
        max = Math.max(max, values[k]);
      }
      for (int k = row; k < row + columns; k++) {
        values[k] = Math.exp(values[k] - max);
      }
    }
    normalise(values, rows, columns);
  }

  /** Scales each row so that it sums to 1. */
  public static void normalise(double[] values, int rows, int columns) {
    for (int row = 0; row < rows * columns; row += columns) {
      double sum = 0;
      for (int k = row; k < row + columns; k++) {
        sum += values[k];
      }
      for (int k = row; k < row + columns; k++) {
        values[k] /= sum;
      }
    }
  }
}
