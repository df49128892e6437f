package io.acclimate.continual.tuning;

import io.acclimate.runtime.DType;
import io.acclimate.runtime.Tensor;

/** Reads rows of features, scaled to unit length. Stateless. */
final class UnitRows {
  private static final double LEAST_LENGTH = 1e-12;

  private UnitRows() {}

  /**
   * Reads a row.
   *
   * @param tensor {@code [rows, size]}, floating point
   * @param features receives {@code [size]}; NaN throughout where a value is not finite
   */
  static void read(Tensor tensor, int row, double[] features) {
    double squares = 0;
    for (int i = 0; i < features.length; i++) {
      int index = row * features.length + i;
      features[i] =
          tensor.type() == DType.FLOAT64 ? tensor.doubles().get(index) : tensor.floats().get(index);
      squares += features[i] * features[i];
    }
    double length = Double.isFinite(squares) ? Math.sqrt(squares) : Double.NaN;
    for (int i = 0; i < features.length; i++) {
      features[i] /= Math.max(length, LEAST_LENGTH);
    }
  }
}
