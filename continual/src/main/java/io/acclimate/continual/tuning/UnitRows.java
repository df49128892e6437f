package io.acclimate.continual.tuning;

/** Scales features to unit length. Stateless. */
public final class UnitRows {
  private static final double LEAST_LENGTH = 1e-12;

  private UnitRows() {}

  /** Divides a sample by its length; NaN throughout where a value is not finite. */
  public static void scale(double[] features) {
    double squares = 0;
    for (double feature : features) {
      squares += feature * feature;
    }
    double length = Double.isFinite(squares) ? Math.sqrt(squares) : Double.NaN;
    for (int i = 0; i < features.length; i++) {
      features[i] /= Math.max(length, LEAST_LENGTH);
    }
  }
}
