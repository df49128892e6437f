package io.acclimate.simulators.corruption;

import java.util.function.DoubleUnaryOperator;
import java.util.function.UnaryOperator;

/**
 * One channel of an image as doubles: pixel (y, x) is {@code v[y * width + x]}. Samples are either
 * levels 0..255 or, divided by 255, units 0..1. Filters never change the plane they read.
 */
final class Plane {
  /** Luma weights of red, green and blue. */
  private static final double[] LUMA = {.299, .587, .114};

  final int height;
  final int width;
  final double[] v;

  Plane(int height, int width) {
    this.height = height;
    this.width = width;
    this.v = new double[height * width];
  }

  /** A new plane with the operator applied to each pixel. */
  Plane map(DoubleUnaryOperator operator) {
    Plane out = new Plane(height, width);
    for (int i = 0; i < v.length; i++) {
      out.v[i] = operator.applyAsDouble(v[i]);
    }
    return out;
  }

  /** A copy of the part of a size whose first pixel is (top, left). */
  Plane crop(int top, int left, int partHeight, int partWidth) {
    Plane out = new Plane(partHeight, partWidth);
    for (int y = 0; y < partHeight; y++) {
      System.arraycopy(v, (top + y) * width + left, out.v, y * partWidth, partWidth);
    }
    return out;
  }

  /** The largest value. */
  double max() {
    double max = v[0];
    for (double value : v) {
      max = Math.max(max, value);
    }
    return max;
  }

  /** The channels of an image as levels 0..255. */
  static Plane[] levels(Image image) {
    return split(image, 1);
  }

  /** The channels of an image as units 0..1. */
  static Plane[] units(Image image) {
    return split(image, 255);
  }

  private static Plane[] split(Image image, double divisor) {
    byte[] samples = image.samples();
    Plane[] planes = new Plane[image.channels()];
    for (int c = 0; c < planes.length; c++) {
      Plane plane = new Plane(image.height(), image.width());
      for (int i = 0; i < plane.v.length; i++) {
        plane.v[i] = (samples[i * planes.length + c] & 0xFF) / divisor;
      }
      planes[c] = plane;
    }
    return planes;
  }

  /** The image of levels: clipped to 0..255 and truncated. */
  static Image imageOfLevels(Plane[] levels) {
    return join(levels, 1, 255);
  }

  /** The image of units: clipped to 0..1, times 255, truncated. */
  static Image imageOfUnits(Plane[] units) {
    return join(units, 255, 1);
  }

  private static Image join(Plane[] planes, double factor, double limit) {
    int channels = planes.length;
    byte[] samples = new byte[planes[0].v.length * channels];
    for (int c = 0; c < channels; c++) {
      double[] v = planes[c].v;
      for (int i = 0; i < v.length; i++) {
        samples[i * channels + c] = (byte) (int) (Math.min(Math.max(v[i], 0), limit) * factor);
      }
    }
    return Image.wrap(planes[0].height, planes[0].width, channels, samples);
  }

  /** New planes with the filter applied to each. */
  static Plane[] each(Plane[] planes, UnaryOperator<Plane> filter) {
    Plane[] out = new Plane[planes.length];
    for (int c = 0; c < out.length; c++) {
      out[c] = filter.apply(planes[c]);
    }
    return out;
  }

  /** The luma of three channels; of one channel, that channel. */
  static Plane luma(Plane[] planes) {
    if (planes.length == 1) {
      return planes[0];
    }
    Plane grey = new Plane(planes[0].height, planes[0].width);
    for (int i = 0; i < grey.v.length; i++) {
      for (int c = 0; c < LUMA.length; c++) {
        grey.v[i] += LUMA[c] * planes[c].v[i];
      }
    }
    return grey;
  }
}
