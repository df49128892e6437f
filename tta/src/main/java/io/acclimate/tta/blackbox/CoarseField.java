package io.acclimate.tta.blackbox;

/**
 * A smooth field over an image from few numbers: a grid for each channel, between whose cells it is
 * bilinear. Stateless but for its tables.
 */
final class CoarseField {
  private final int grid;
  private final int[] shape;
  private final double[][] rows;
  private final double[][] columns;

  /**
   * A field.
   *
   * @param shape channels, height and width
   * @param grid cells along a side, at least 1
   */
  CoarseField(int[] shape, int grid) {
    this.grid = grid;
    this.shape = shape.clone();
    rows = weights(shape[1], grid);
    columns = weights(shape[2], grid);
  }

  /** What each cell of a side counts at each place, {@code [places][grid]}. */
  private static double[][] weights(int places, int grid) {
    double[][] weights = new double[places][grid];
    for (int place = 0; place < places; place++) {
      double at = Math.min(Math.max((place + 0.5) / places * grid - 0.5, 0), grid - 1);
      int cell = Math.min((int) at, Math.max(0, grid - 2));
      weights[place][cell] += 1 - (at - cell);
      if (grid > 1) {
        weights[place][cell + 1] += at - cell;
      }
    }
    return weights;
  }

  /** The numbers that make a field. */
  int dimension() {
    return shape[0] * grid * grid;
  }

  /**
   * Writes the field.
   *
   * @param values {@code [channels, grid, grid]}
   * @param target receives {@code [channels, height, width]}
   */
  void write(double[] values, double[] target) {
    int place = 0;
    for (int channel = 0; channel < shape[0]; channel++) {
      for (double[] row : rows) {
        for (double[] column : columns) {
          double sum = 0;
          for (int y = 0; y < grid; y++) {
            for (int x = 0; row[y] != 0 && x < grid; x++) {
              sum += row[y] * column[x] * values[(channel * grid + y) * grid + x];
            }
          }
          target[place++] = sum;
        }
      }
    }
  }
}
