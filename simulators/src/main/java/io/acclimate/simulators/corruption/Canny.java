package io.acclimate.simulators.corruption;

import java.util.ArrayDeque;

/** Canny's edge detector on levels: 3 x 3 Sobel gradients of L1 length, two thresholds. */
final class Canny {
  private static final double[][] SOBEL_X = {{-1, 0, 1}, {-2, 0, 2}, {-1, 0, 1}};
  private static final double[][] SOBEL_Y = {{-1, -2, -1}, {0, 0, 0}, {1, 2, 1}};

  /** Gradients flatter than this are horizontal; steeper than its inverse, vertical. */
  private static final double TAN_22_5_DEGREES = Math.tan(Math.PI / 8);

  private final Plane dx;
  private final Plane dy;
  private final Plane length;

  private Canny(Plane levels) {
    dx = Filters.correlate(levels, SOBEL_X, Border.NEAREST);
    dy = Filters.correlate(levels, SOBEL_Y, Border.NEAREST);
    length = new Plane(levels.height, levels.width);
    for (int i = 0; i < length.v.length; i++) {
      length.v[i] = Math.abs(dx.v[i]) + Math.abs(dy.v[i]);
    }
  }

  /**
   * A plane of 1 at edges and 0 elsewhere: crests above high, and those above low joined to them.
   */
  static Plane edges(Plane levels, double low, double high) {
    Canny canny = new Canny(levels);
    Plane edges = new Plane(levels.height, levels.width);
    ArrayDeque<Integer> front = new ArrayDeque<>();
    for (int i = 0; i < edges.v.length; i++) {
      if (canny.length.v[i] > high && canny.isCrest(i)) {
        edges.v[i] = 1;
        front.add(i);
      }
    }
    while (!front.isEmpty()) {
      canny.grow(front.remove(), low, edges, front);
    }
    return edges;
  }

  private void grow(int from, double low, Plane edges, ArrayDeque<Integer> front) {
    int y = from / edges.width;
    int x = from % edges.width;
    for (int ny = Math.max(y - 1, 0); ny <= Math.min(y + 1, edges.height - 1); ny++) {
      for (int nx = Math.max(x - 1, 0); nx <= Math.min(x + 1, edges.width - 1); nx++) {
        int i = ny * edges.width + nx;
        if (edges.v[i] == 0 && length.v[i] > low && isCrest(i)) {
          edges.v[i] = 1;
          front.add(i);
        }
      }
    }
  }

  /** Whether the gradient is longest here along its own direction; ties go to the first pixel. */
  private boolean isCrest(int i) {
    int y = i / length.width;
    int x = i % length.width;
    double here = length.v[i];
    double flat = Math.abs(dx.v[i]);
    double steep = Math.abs(dy.v[i]);
    if (steep < flat * TAN_22_5_DEGREES) {
      return here > lengthAt(y, x - 1) && here >= lengthAt(y, x + 1);
    }
    if (steep > flat / TAN_22_5_DEGREES) {
      return here > lengthAt(y - 1, x) && here >= lengthAt(y + 1, x);
    }
    int side = dx.v[i] * dy.v[i] < 0 ? -1 : 1;
    return here > lengthAt(y - 1, x - side) && here > lengthAt(y + 1, x + side);
  }

  private double lengthAt(int y, int x) {
    boolean inside = y >= 0 && y < length.height && x >= 0 && x < length.width;
    return inside ? length.v[y * length.width + x] : 0;
  }
}
