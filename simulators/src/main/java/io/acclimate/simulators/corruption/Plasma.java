package io.acclimate.simulators.corruption;

/** Clouds by the diamond-square algorithm on a torus. */
final class Plasma {
  private static final double FIRST_AMPLITUDE = 100;

  private final Plane plane;
  private final Draws draws;

  private Plasma(int sidePx, Draws draws) {
    this.plane = new Plane(sidePx, sidePx);
    this.draws = draws;
  }

  /**
   * A random plane with values 0..1, cut from the smallest torus with a power of two as its side.
   *
   * @param height at least 2, as the width
   * @param decay above 1; the larger, the smoother
   */
  static Plane create(int height, int width, double decay, Draws draws) {
    int sidePx = 2 * Integer.highestOneBit(Math.max(height, width) - 1);
    Plasma plasma = new Plasma(sidePx, draws);
    double amplitude = FIRST_AMPLITUDE;
    for (int step = sidePx; step >= 2; step /= 2) {
      plasma.fill(step, amplitude);
      amplitude /= decay;
    }
    return plasma.normalized().crop(0, 0, height, width);
  }

  /** Fills the centres of the cells of one step, then the middles of their sides. */
  private void fill(int step, double amplitude) {
    int half = step / 2;
    int[][] corners = {{-half, -half}, {half, -half}, {-half, half}, {half, half}};
    int[][] cross = {{0, half}, {0, -half}, {-half, 0}, {half, 0}};
    average(half, half, step, amplitude, corners);
    average(0, half, step, amplitude, cross);
    average(half, 0, step, amplitude, cross);
  }

  /**
   * Sets every step-th place from (y0, x0) to the mean of four neighbours plus noise. The noise is
   * drawn from the amplitude and multiplied by it once more, as in the benchmark's generator.
   */
  private void average(int y0, int x0, int step, double amplitude, int[][] neighbours) {
    int mask = plane.width - 1;
    for (int y = y0; y < plane.height; y += step) {
      for (int x = x0; x < plane.width; x += step) {
        double sum = 0;
        for (int[] shift : neighbours) {
          sum += plane.v[((y + shift[0]) & mask) * plane.width + ((x + shift[1]) & mask)];
        }
        double noise = amplitude * draws.uniform(-amplitude, amplitude);
        plane.v[y * plane.width + x] = sum / 4 + noise;
      }
    }
  }

  private Plane normalized() {
    double min = -plane.map(value -> -value).max();
    double range = plane.max() - min;
    return plane.map(value -> (value - min) / range);
  }
}
