package io.acclimate.simulators.corruption;

/** Brightness, contrast and saturation; all deterministic. */
final class Colours {
  private Colours() {}

  /** Adds to the value of the hexcone; on grey, to the sample. */
  static Image brightness(Image clean, double[] parameters, Draws draws) {
    double added = parameters[0];
    if (clean.channels() == 1) {
      return Plane.imageOfUnits(Plane.each(Plane.units(clean), plane -> plane.map(v -> v + added)));
    }
    return mapHsv(clean, hsv -> hsv[2] = clip(hsv[2] + added));
  }

  /** Scales the saturation of the hexcone; grey images have none and stay as they are. */
  static Image saturate(Image clean, double[] parameters, Draws draws) {
    double factor = parameters[0];
    double added = parameters[1];
    return clean.channels() == 1
        ? clean
        : mapHsv(clean, hsv -> hsv[1] = clip(hsv[1] * factor + added));
  }

  /** Draws each channel towards its mean. */
  static Image contrast(Image clean, double[] parameters, Draws draws) {
    double factor = parameters[0];
    return Plane.imageOfUnits(
        Plane.each(
            Plane.units(clean),
            plane -> {
              double sum = 0;
              for (double value : plane.v) {
                sum += value;
              }
              double mean = sum / plane.v.length;
              return plane.map(v -> (v - mean) * factor + mean);
            }));
  }

  /** Changes hue, saturation and value, each 0..1, in place. */
  private interface HsvChange {
    void apply(double[] hsv);
  }

  private static Image mapHsv(Image clean, HsvChange change) {
    Plane[] planes = Plane.units(clean);
    double[] colour = new double[3];
    for (int i = 0; i < planes[0].v.length; i++) {
      toHsv(planes[0].v[i], planes[1].v[i], planes[2].v[i], colour);
      change.apply(colour);
      toRgb(colour[0], colour[1], colour[2], colour);
      for (int c = 0; c < 3; c++) {
        planes[c].v[i] = colour[c];
      }
    }
    return Plane.imageOfUnits(planes);
  }

  private static double clip(double unit) {
    return Math.min(Math.max(unit, 0), 1);
  }

  /** Hexcone hue, saturation and value, each 0..1. */
  private static void toHsv(double red, double green, double blue, double[] hsv) {
    double value = Math.max(red, Math.max(green, blue));
    double delta = value - Math.min(red, Math.min(green, blue));
    double sector = 0;
    if (delta > 0) {
      if (value == blue) {
        sector = 4 + (red - green) / delta;
      } else if (value == green) {
        sector = 2 + (blue - red) / delta;
      } else {
        sector = (green - blue) / delta;
      }
    }
    double hue = sector / 6;
    hsv[0] = hue < 0 ? hue + 1 : hue;
    hsv[1] = delta > 0 ? delta / value : 0;
    hsv[2] = value;
  }

  private static void toRgb(double hue, double saturation, double value, double[] rgb) {
    double sector = Math.floor(hue * 6);
    double within = hue * 6 - sector;
    double low = value * (1 - saturation);
    double falling = value * (1 - within * saturation);
    double rising = value * (1 - (1 - within) * saturation);
    switch ((int) sector % 6) {
      case 0 -> set(rgb, value, rising, low);
      case 1 -> set(rgb, falling, value, low);
      case 2 -> set(rgb, low, value, rising);
      case 3 -> set(rgb, low, falling, value);
      case 4 -> set(rgb, rising, low, value);
      default -> set(rgb, value, low, falling);
    }
  }

  private static void set(double[] rgb, double red, double green, double blue) {
    rgb[0] = red;
    rgb[1] = green;
    rgb[2] = blue;
  }
}
