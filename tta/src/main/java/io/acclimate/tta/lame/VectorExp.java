package io.acclimate.tta.lame;

/**
 * The exponential function as a chain of products that the compiler vectorises: exp(x) = exp(x /
 * 256)^256, where a polynomial is exact enough for the small argument. The relative error is below
 * 1e-10 from {@value #LOWEST} to {@value #HIGHEST} and below 1e-13 from -20 to 20.
 */
final class VectorExp {
  /** The lowest argument that is told apart; exp of it is 1e-39. */
  static final double LOWEST = -90;

  /** The highest argument. */
  static final double HIGHEST = 90;

  private static final double SCALE = 1.0 / 256;

  private VectorExp() {}

  /**
   * Writes weight times exp(x) for the first n numbers.
   *
   * @param x none above {@link #HIGHEST}
   */
  static void weighted(double[] x, double[] weights, int n, double[] target) {
    for (int i = 0; i < n; i++) {
      double t = Math.max(x[i], LOWEST) * SCALE;
      double p = Math.fma(t, 1.0 / 3628800, 1.0 / 362880);
      p = Math.fma(t, p, 1.0 / 40320);
      p = Math.fma(t, p, 1.0 / 5040);
      p = Math.fma(t, p, 1.0 / 720);
      p = Math.fma(t, p, 1.0 / 120);
      p = Math.fma(t, p, 1.0 / 24);
      p = Math.fma(t, p, 1.0 / 6);
      p = Math.fma(t, p, 0.5);
      p = Math.fma(t, p, 1.0);
      p = Math.fma(t, p, 1.0);
      p *= p; // 8 squarings
      p *= p;
      p *= p;
      p *= p;
      p *= p;
      p *= p;
      p *= p;
      p *= p;
      target[i] = weights[i] * p;
    }
  }
}
