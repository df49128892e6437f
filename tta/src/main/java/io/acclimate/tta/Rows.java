package io.acclimate.tta;

/** Small operations on matrices stored row by row. */
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
    for (int i = 0; i < rows; i++) {
      for (int c = 1; c < columns; c++) {
        if (values[i * columns + c] > values[i * columns + best[i]]) {
          best[i] = c;
        }
      }
    }
    return best;
  }
}
