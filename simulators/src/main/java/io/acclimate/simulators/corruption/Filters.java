package io.acclimate.simulators.corruption;

import java.util.Arrays;

/** Linear filters on a plane. */
final class Filters {
  /** Where a Gaussian is cut off, in sigmas, unless a corruption says otherwise. */
  static final double GAUSSIAN_CUT_SIGMAS = 4;

  private Filters() {}

  /** Gaussian blur with replicated borders. */
  static Plane gaussian(Plane in, double sigmaPx) {
    return gaussian(in, sigmaPx, GAUSSIAN_CUT_SIGMAS, Border.NEAREST);
  }

  /**
   * Gaussian blur, columns first. A radius of {@code int(cut * sigma + 0.5)} of 0 returns the plane
   * itself.
   */
  static Plane gaussian(Plane in, double sigmaPx, double cutSigmas, Border border) {
    int radius = (int) (cutSigmas * sigmaPx + 0.5);
    if (radius == 0) {
      return in;
    }
    double[] weights = gaussianWeights(sigmaPx, radius);
    Plane columns = new Plane(in.height, in.width);
    for (int x = 0; x < in.width; x++) {
      convolveLine(in, columns, x, in.width, in.height, weights, border);
    }
    Plane rows = new Plane(in.height, in.width);
    for (int y = 0; y < in.height; y++) {
      convolveLine(columns, rows, y * in.width, 1, in.width, weights, border);
    }
    return rows;
  }

  /** The weights at distance 0..radius of a normalised Gaussian that is cut off at the radius. */
  static double[] gaussianWeights(double sigmaPx, int radius) {
    double[] weights = new double[radius + 1];
    double sum = 0;
    for (int t = radius; t >= 0; t--) {
      weights[t] = Math.exp(-0.5 / (sigmaPx * sigmaPx) * t * t);
      sum += t == 0 ? weights[t] : 2 * weights[t];
    }
    for (int t = 0; t <= radius; t++) {
      weights[t] /= sum;
    }
    return weights;
  }

  /** Filters one row or column; the tails are added from the outside in. */
  private static void convolveLine(
      Plane in, Plane out, int start, int stride, int length, double[] weights, Border border) {
    int radius = weights.length - 1;
    double[] line = new double[length + 2 * radius];
    for (int i = 0; i < line.length; i++) {
      line[i] = in.v[start + border.index(i - radius, length) * stride];
    }
    for (int i = 0; i < length; i++) {
      int centre = i + radius;
      double sum = line[centre] * weights[0];
      for (int t = radius; t > 0; t--) {
        sum += (line[centre - t] + line[centre + t]) * weights[t];
      }
      out.v[start + i * stride] = sum;
    }
  }

  /**
   * Correlates with an odd square kernel, mirroring at the centre of the edge pixels ({@link
   * Border#REFLECT_101}).
   */
  static Plane correlate(Plane in, double[][] kernel) {
    return correlate(in, kernel, Border.REFLECT_101);
  }

  /** Correlates with an odd square kernel {@code [row][column]}; taps of weight 0 cost nothing. */
  static Plane correlate(Plane in, double[][] kernel, Border border) {
    int radius = kernel.length / 2;
    int[] rows = border.indices(in.height, radius);
    int[] columns = border.indices(in.width, radius);
    Plane out = new Plane(in.height, in.width);
    for (int ky = 0; ky < kernel.length; ky++) {
      for (int kx = 0; kx < kernel.length; kx++) {
        double weight = kernel[ky][kx];
        if (weight != 0) {
          addShifted(in, out, weight, Arrays.copyOfRange(rows, ky, ky + in.height), columns, kx);
        }
      }
    }
    return out;
  }

  private static void addShifted(
      Plane in, Plane out, double weight, int[] rows, int[] columns, int columnShift) {
    for (int y = 0; y < out.height; y++) {
      int source = rows[y] * in.width;
      int target = y * in.width;
      for (int x = 0; x < out.width; x++) {
        out.v[target + x] += weight * in.v[source + columns[x + columnShift]];
      }
    }
  }
}
