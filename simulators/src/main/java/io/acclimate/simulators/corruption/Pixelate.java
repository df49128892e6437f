package io.acclimate.simulators.corruption;

/** Shrinks an image and enlarges it again, both with a box filter on whole levels. */
final class Pixelate {
  private Pixelate() {}

  static Image apply(Image clean, double[] parameters, Draws draws) {
    double share = parameters[0];
    int smallHeight = (int) (clean.height() * share);
    int smallWidth = (int) (clean.width() * share);
    return Plane.imageOfLevels(
        Plane.each(
            Plane.levels(clean),
            plane -> resize(resize(plane, smallHeight, smallWidth), plane.height, plane.width)));
  }

  private static Plane resize(Plane in, int height, int width) {
    Plane out = new Plane(in.height, width);
    for (int x = 0; x < width; x++) {
      Span span = Span.of(x, in.width, width);
      for (int y = 0; y < in.height; y++) {
        out.v[y * width + x] = span.mean(in, y * in.width, 1);
      }
    }
    Plane result = new Plane(height, width);
    for (int y = 0; y < height; y++) {
      Span span = Span.of(y, in.height, height);
      for (int x = 0; x < width; x++) {
        result.v[y * width + x] = span.mean(out, x, width);
      }
    }
    return result;
  }

  /** The input pixels first..end-1 along an axis whose centres lie within one output pixel. */
  private record Span(int first, int end) {
    static Span of(int output, int inputLength, int outputLength) {
      double scale = (double) inputLength / outputLength;
      double reach = Math.max(scale, 1) / 2;
      double centre = (output + .5) * scale;
      int first = Math.max((int) Math.ceil(centre - reach - .5), 0);
      int end = Math.min((int) Math.floor(centre + reach - .5) + 1, inputLength);
      return new Span(first, Math.max(end, first + 1));
    }

    /** The mean of the pixels, rounded to a whole level. */
    double mean(Plane plane, int start, int stride) {
      double sum = 0;
      for (int i = first; i < end; i++) {
        sum += plane.v[start + i * stride];
      }
      return Math.floor(sum / (end - first) + .5);
    }
  }
}
