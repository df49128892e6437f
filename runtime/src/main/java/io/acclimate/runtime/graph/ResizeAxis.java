package io.acclimate.runtime.graph;

import io.acclimate.runtime.AcclimateException;

/**
 * How {@code Resize} makes one axis of an image from another: each element of the result is a
 * weighted sum of elements of the source, so the whole is a matrix.
 *
 * @param from the size of the axis
 * @param to the size of the result
 * @param scale the scale that is given, {@code to / from} where sizes are given
 */
public record ResizeAxis(long from, long to, double scale) {
  /**
   * The weights, {@code [to, from]}, row by row.
   *
   * @throws AcclimateException for modes other than nearest and linear, and for anti-aliasing
   */
  public double[] weights(Attributes attributes) {
    String mode = attributes.text("mode", "nearest");
    if (!mode.equals("nearest") && !mode.equals("linear")
        || attributes.integer("antialias", 0) != 0) {
      throw new AcclimateException(
          "expected Resize of mode nearest or linear without antialias, found " + attributes);
    }
    double[] weights = new double[Math.toIntExact(to * from)];
    for (int row = 0; row < to; row++) {
      double place = source(row, attributes.text("coordinate_transformation_mode", "half_pixel"));
      if (mode.equals("nearest")) {
        long nearest = nearest(place, attributes.text("nearest_mode", "round_prefer_floor"));
        weights[(int) (row * from + clamp(nearest))] = 1;
      } else {
        double inside = Math.min(Math.max(place, 0), from - 1);
        long left = (long) inside;
        weights[(int) (row * from + left)] += 1 - (inside - left);
        weights[(int) (row * from + clamp(left + 1))] += inside - left;
      }
    }
    return weights;
  }

  private long clamp(long index) {
    return Math.min(Math.max(index, 0), from - 1);
  }

  private double source(int row, String transformation) {
    return switch (transformation) {
      case "asymmetric" -> row / scale;
      case "half_pixel" -> (row + 0.5) / scale - 0.5;
      case "pytorch_half_pixel" -> to > 1 ? (row + 0.5) / scale - 0.5 : 0;
      case "align_corners" -> to > 1 ? (double) row * (from - 1) / (to - 1) : 0;
      default ->
          throw new AcclimateException(
              "Resize with coordinates '%s' has no gradient rule".formatted(transformation));
    };
  }

  private static long nearest(double place, String mode) {
    return switch (mode) {
      case "round_prefer_floor" -> (long) Math.ceil(place - 0.5);
      case "round_prefer_ceil" -> (long) Math.floor(place + 0.5);
      case "floor" -> (long) Math.floor(place);
      case "ceil" -> (long) Math.ceil(place);
      default -> throw new AcclimateException("unknown nearest_mode '" + mode + "'");
    };
  }
}
