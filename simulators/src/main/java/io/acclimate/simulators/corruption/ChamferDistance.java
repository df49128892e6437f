package io.acclimate.simulators.corruption;

/** Approximate Euclidean distance by two sweeps of a 5 x 5 mask with OpenCV's step lengths. */
final class ChamferDistance {
  private static final double STRAIGHT_PX = 1;
  private static final double DIAGONAL_PX = 1.4;
  private static final double KNIGHT_PX = 2.1969;

  /** Steps back to pixels that a sweep from the top left has seen: rows, columns, length in px. */
  private static final double[][] STEPS = {
    {0, -1, STRAIGHT_PX},
    {-1, 0, STRAIGHT_PX},
    {-1, -1, DIAGONAL_PX},
    {-1, 1, DIAGONAL_PX},
    {-1, -2, KNIGHT_PX},
    {-1, 2, KNIGHT_PX},
    {-2, -1, KNIGHT_PX},
    {-2, 1, KNIGHT_PX}
  };

  private ChamferDistance() {}

  /** The distance in pixels to the nearest pixel that is not 0; infinite when there is none. */
  static Plane of(Plane marks) {
    Plane distance = marks.map(v -> v == 0 ? Double.POSITIVE_INFINITY : 0);
    for (int i = 0; i < distance.v.length; i++) {
      relax(distance, i, 1);
    }
    for (int i = distance.v.length - 1; i >= 0; i--) {
      relax(distance, i, -1);
    }
    return distance;
  }

  private static void relax(Plane distance, int i, int direction) {
    int y = i / distance.width;
    int x = i % distance.width;
    for (double[] step : STEPS) {
      int fromY = y + direction * (int) step[0];
      int fromX = x + direction * (int) step[1];
      if (fromY >= 0 && fromY < distance.height && fromX >= 0 && fromX < distance.width) {
        double through = distance.v[fromY * distance.width + fromX] + step[2];
        distance.v[i] = Math.min(distance.v[i], through);
      }
    }
  }
}
