package io.acclimate.simulators.corruption;

/** The one-sided motion blur of ImageMagick, on levels 0..255. */
final class MotionBlur {
  /** ImageMagick works on levels 0..65535. */
  private static final double FINE_LEVELS_PER_LEVEL = 257;

  private final double[] weights;
  private final int[] rowOffsets;
  private final int[] columnOffsets;

  /**
   * Prepares a blur.
   *
   * @param angleDegrees direction of the trail, 0 to the right, 90 downwards
   */
  MotionBlur(double radiusPx, double sigmaPx, double angleDegrees) {
    int taps = 2 * (int) Math.ceil(radiusPx) + 1;
    double angle = Math.toRadians(angleDegrees);
    weights = new double[taps];
    rowOffsets = new int[taps];
    columnOffsets = new int[taps];
    double sum = 0;
    for (int i = 0; i < taps; i++) {
      weights[i] = Math.exp(-i * i / (2 * sigmaPx * sigmaPx));
      sum += weights[i];
      rowOffsets[i] = (int) Math.ceil(i * Math.sin(angle) - .5);
      columnOffsets[i] = (int) Math.ceil(i * Math.cos(angle) - .5);
    }
    for (int i = 0; i < taps; i++) {
      weights[i] /= sum;
    }
  }

  /**
   * The blurred plane; beyond the border the edge pixels go on. Values are rounded to ImageMagick's
   * fine levels and then truncated to whole levels.
   */
  Plane apply(Plane levels) {
    Plane out = new Plane(levels.height, levels.width);
    for (int i = 0; i < weights.length; i++) {
      for (int y = 0; y < out.height; y++) {
        int row = Border.NEAREST.index(y + rowOffsets[i], out.height) * out.width;
        for (int x = 0; x < out.width; x++) {
          int column = Border.NEAREST.index(x + columnOffsets[i], out.width);
          out.v[y * out.width + x] += weights[i] * levels.v[row + column];
        }
      }
    }
    return out.map(v -> Math.floor(Math.rint(v * FINE_LEVELS_PER_LEVEL) / FINE_LEVELS_PER_LEVEL));
  }
}
