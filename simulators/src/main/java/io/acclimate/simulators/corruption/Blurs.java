package io.acclimate.simulators.corruption;

/** The blurs, but for the glass blur. */
final class Blurs {
  /** Disks up to this radius share one kernel size and the narrow anti-alias filter. */
  private static final int SMALL_DISK_RADIUS_PX = 8;

  private static final double MAX_MOTION_ANGLE_DEGREES = 45;

  private Blurs() {}

  /** Gaussian blur. */
  static Image gaussian(Image clean, double[] parameters, Draws draws) {
    double sigmaPx = parameters[0];
    return Plane.imageOfUnits(
        Plane.each(Plane.units(clean), plane -> Filters.gaussian(plane, sigmaPx)));
  }

  /** Out of focus: correlation with an anti-aliased disk. */
  static Image defocus(Image clean, double[] parameters, Draws draws) {
    double[][] disk = disk(parameters[0], parameters[1]);
    return Plane.imageOfUnits(
        Plane.each(Plane.units(clean), plane -> Filters.correlate(plane, disk)));
  }

  /** A trail in a random direction, up to 45 degrees from the horizontal. */
  static Image motion(Image clean, double[] parameters, Draws draws) {
    double angleDegrees = draws.uniform(-MAX_MOTION_ANGLE_DEGREES, MAX_MOTION_ANGLE_DEGREES);
    MotionBlur blur = new MotionBlur(parameters[0], parameters[1], angleDegrees);
    return Plane.imageOfLevels(Plane.each(Plane.levels(clean), blur::apply));
  }

  /** The mean of the image and of a series of zooms into its centre. */
  static Image zoom(Image clean, double[] parameters, Draws draws) {
    double step = parameters[0];
    int zooms = (int) parameters[1];
    return Plane.imageOfUnits(
        Plane.each(Plane.units(clean), plane -> meanOfZooms(plane, step, zooms)));
  }

  private static Plane meanOfZooms(Plane plane, double step, int zooms) {
    double roundedStep = 1 + step - 1; // As NumPy's arange has it; decides 1.25, of 26 or 25 px.
    Plane sum = plane.map(value -> value);
    for (int k = 0; k < zooms; k++) {
      Plane zoomed = Resampling.clippedZoom(plane, 1 + k * roundedStep);
      for (int i = 0; i < sum.v.length; i++) {
        sum.v[i] += zoomed.v[i];
      }
    }
    return sum.map(value -> value / (zooms + 1));
  }

  /** A disk of equal weights that sum to 1, its edge smoothed by a small Gaussian. */
  static double[][] disk(double radiusPx, double antiAliasSigmaPx) {
    boolean small = radiusPx <= SMALL_DISK_RADIUS_PX;
    int half = small ? SMALL_DISK_RADIUS_PX : (int) radiusPx;
    Plane disk = new Plane(2 * half + 1, 2 * half + 1);
    int inside = 0;
    for (int y = -half; y <= half; y++) {
      for (int x = -half; x <= half; x++) {
        if (x * x + y * y <= radiusPx * radiusPx) {
          disk.v[(y + half) * disk.width + x + half] = 1;
          inside++;
        }
      }
    }
    double weight = 1f / inside;
    double[] smoothing = Filters.gaussianWeights(antiAliasSigmaPx, small ? 1 : 2);
    Plane smooth = Filters.correlate(disk.map(value -> value * weight), outerProduct(smoothing));
    double[][] kernel = new double[smooth.height][smooth.width];
    for (int i = 0; i < smooth.v.length; i++) {
      kernel[i / smooth.width][i % smooth.width] = (float) smooth.v[i];
    }
    return kernel;
  }

  /** The square kernel of a symmetric separable filter, given its weights at distance 0, 1, ... */
  private static double[][] outerProduct(double[] weights) {
    int radius = weights.length - 1;
    double[][] kernel = new double[2 * radius + 1][2 * radius + 1];
    for (int y = -radius; y <= radius; y++) {
      for (int x = -radius; x <= radius; x++) {
        kernel[y + radius][x + radius] =
            (float) weights[Math.abs(y)] * (float) weights[Math.abs(x)];
      }
    }
    return kernel;
  }
}
