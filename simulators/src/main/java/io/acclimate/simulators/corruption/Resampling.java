package io.acclimate.simulators.corruption;

/** Bilinear sampling of a plane, and what is built on it. */
final class Resampling {
  private Resampling() {}

  /** The value at a fractional place. */
  static double bilinear(Plane in, double y, double x, Border border) {
    int top = (int) Math.floor(y);
    int left = (int) Math.floor(x);
    double down = y - top;
    double right = x - left;
    int upperRow = border.index(top, in.height) * in.width;
    int lowerRow = border.index(top + 1, in.height) * in.width;
    int leftColumn = border.index(left, in.width);
    int rightColumn = border.index(left + 1, in.width);
    double upper = in.v[upperRow + leftColumn] * (1 - right) + in.v[upperRow + rightColumn] * right;
    double lower = in.v[lowerRow + leftColumn] * (1 - right) + in.v[lowerRow + rightColumn] * right;
    return upper * (1 - down) + lower * down;
  }

  /**
   * Enlarges the centre of a plane so that it fills the plane again: crop, resize with aligned
   * corners, trim.
   *
   * @param zoom at least 1
   */
  static Plane clippedZoom(Plane in, double zoom) {
    double[] ys = zoomedCoordinates(in.height, zoom);
    double[] xs = zoomedCoordinates(in.width, zoom);
    Plane out = new Plane(in.height, in.width);
    for (int y = 0; y < in.height; y++) {
      for (int x = 0; x < in.width; x++) {
        out.v[y * in.width + x] = bilinear(in, ys[y], xs[x], Border.NEAREST);
      }
    }
    return out;
  }

  /** Where along one axis each output pixel of the clipped zoom lies in the input. */
  private static double[] zoomedCoordinates(int length, double zoom) {
    int crop = (int) Math.ceil(length / zoom);
    int cropStart = (length - crop) / 2;
    int resized = (int) Math.rint(crop * zoom);
    int trim = (resized - length) / 2;
    double[] coordinates = new double[length];
    for (int i = 0; i < length; i++) {
      coordinates[i] = cropStart + (i + trim) * ((crop - 1.0) / (resized - 1.0));
    }
    return coordinates;
  }

  /** Resizes by a factor with aligned outer edges, without smoothing first. */
  static Plane resize(Plane in, double factor) {
    Plane out = new Plane((int) Math.rint(in.height * factor), (int) Math.rint(in.width * factor));
    for (int y = 0; y < out.height; y++) {
      for (int x = 0; x < out.width; x++) {
        out.v[y * out.width + x] =
            bilinear(in, (y + .5) / factor - .5, (x + .5) / factor - .5, Border.NEAREST);
      }
    }
    return out;
  }
}
