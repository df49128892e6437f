package io.acclimate.simulators.corruption;

/** A random affine map followed by a smooth random displacement of each pixel. */
final class ElasticTransform {
  /** The benchmark scales the amounts for 224 px images by 244; kept for equal images. */
  private static final int IMAGENET_SIDE_PX = 224;

  private static final int IMAGENET_SCALE = 244;
  private static final double GAUSSIAN_CUT_SIGMAS = 3;

  /** OpenCV adds up the terms of an affine map in steps this fine ... */
  private static final double FINE_STEPS_PER_PX = 1024;

  /** ... and samples the image on a grid this fine. */
  private static final double STEPS_PER_PX = 32;

  private ElasticTransform() {}

  static Image apply(Image clean, double[] parameters, Draws draws) {
    int height = clean.height();
    int width = clean.width();
    int sidePx = Math.min(height, width);
    int scale = sidePx == IMAGENET_SIDE_PX ? IMAGENET_SCALE : sidePx;
    double amplitudePx = parameters[0] * scale;
    double sigmaPx = parameters[1] * scale;
    double[] map = randomAffine(height, width, parameters[2] * scale, draws);
    Plane shiftX = displacement(height, width, amplitudePx, sigmaPx, draws);
    Plane shiftY = displacement(height, width, amplitudePx, sigmaPx, draws);
    return Plane.imageOfUnits(
        Plane.each(Plane.units(clean), plane -> displace(warp(plane, map), shiftX, shiftY)));
  }

  /**
   * The map from output to input of an affine warp that moves each corner of a triangle around the
   * centre by a random amount: {x from x, x from y, x from 1, y from x, y from y, y from 1}.
   */
  private static double[] randomAffine(int height, int width, double affinePx, Draws draws) {
    double centreX = width / 2;
    double centreY = height / 2;
    double reach = Math.min(height, width) / 3;
    double[] inX = {centreX + reach, centreX + reach, centreX - reach};
    double[] inY = {centreY + reach, centreY - reach, centreY - reach};
    double[] outX = new double[3];
    double[] outY = new double[3];
    for (int i = 0; i < 3; i++) {
      outX[i] = inX[i] + draws.uniform(-affinePx, affinePx);
      outY[i] = inY[i] + draws.uniform(-affinePx, affinePx);
    }
    double[] map = new double[6];
    solve(outX, outY, inX, map, 0);
    solve(outX, outY, inY, map, 3);
    return map;
  }

  /** Finds a, b, c with a x + b y + c = target at three points, by the edges from the first. */
  private static void solve(double[] x, double[] y, double[] target, double[] map, int at) {
    double x1 = x[1] - x[0];
    double x2 = x[2] - x[0];
    double y1 = y[1] - y[0];
    double y2 = y[2] - y[0];
    double t1 = target[1] - target[0];
    double t2 = target[2] - target[0];
    double determinant = x1 * y2 - x2 * y1;
    map[at] = (t1 * y2 - t2 * y1) / determinant;
    map[at + 1] = (x1 * t2 - x2 * t1) / determinant;
    map[at + 2] = target[0] - map[at] * x[0] - map[at + 1] * y[0];
  }

  private static Plane warp(Plane in, double[] map) {
    Plane out = new Plane(in.height, in.width);
    for (int y = 0; y < in.height; y++) {
      for (int x = 0; x < in.width; x++) {
        double sourceX = onGrid(map[0] * x, map[1] * y + map[2]);
        double sourceY = onGrid(map[3] * x, map[4] * y + map[5]);
        out.v[y * in.width + x] = Resampling.bilinear(in, sourceY, sourceX, Border.REFLECT_101);
      }
    }
    return out;
  }

  private static double onGrid(double fromColumnPx, double fromRowPx) {
    double sum =
        Math.rint(fromColumnPx * FINE_STEPS_PER_PX) + Math.rint(fromRowPx * FINE_STEPS_PER_PX);
    return Math.floor(sum * STEPS_PER_PX / FINE_STEPS_PER_PX + .5) / STEPS_PER_PX;
  }

  private static Plane displacement(
      int height, int width, double amplitudePx, double sigmaPx, Draws draws) {
    Plane field = draws.uniformPlane(height, width, -1, 1);
    return Filters.gaussian(field, sigmaPx, GAUSSIAN_CUT_SIGMAS, Border.SYMMETRIC)
        .map(v -> v * amplitudePx);
  }

  private static Plane displace(Plane in, Plane shiftX, Plane shiftY) {
    Plane out = new Plane(in.height, in.width);
    for (int y = 0; y < in.height; y++) {
      for (int x = 0; x < in.width; x++) {
        int i = y * in.width + x;
        out.v[i] = Resampling.bilinear(in, y + shiftY.v[i], x + shiftX.v[i], Border.SYMMETRIC);
      }
    }
    return out;
  }
}
