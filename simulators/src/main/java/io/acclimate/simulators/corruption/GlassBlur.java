package io.acclimate.simulators.corruption;

/** Frosted glass: neighbouring pixels change places between two Gaussian blurs. */
final class GlassBlur {
  private GlassBlur() {}

  /**
   * Blurs, moves pixels, blurs again. On RGB the swap of the benchmark's generator copies a pixel
   * over another, because both sides of its assignment are views of one array; that is kept. On
   * grey images it is a true swap, made with probability 1/2 as in MNIST-C.
   */
  static Image apply(Image clean, double[] parameters, Draws draws) {
    double sigmaPx = parameters[0];
    int reachPx = (int) parameters[1];
    int rounds = (int) parameters[2];
    Plane[] blurred =
        Plane.levels(
            Plane.imageOfUnits(
                Plane.each(Plane.units(clean), plane -> Filters.gaussian(plane, sigmaPx))));
    for (int round = 0; round < rounds; round++) {
      movePixels(blurred, reachPx, draws);
    }
    return Plane.imageOfUnits(
        Plane.each(blurred, plane -> Filters.gaussian(plane.map(level -> level / 255), sigmaPx)));
  }

  private static void movePixels(Plane[] planes, int reachPx, Draws draws) {
    boolean grey = planes.length == 1;
    int width = planes[0].width;
    for (int y = planes[0].height - reachPx; y > reachPx; y--) {
      for (int x = width - reachPx; x > reachPx; x--) {
        if (grey && draws.integer(0, 2) == 0) {
          continue;
        }
        int dx = draws.integer(-reachPx, reachPx);
        int dy = draws.integer(-reachPx, reachPx);
        int here = y * width + x;
        int there = (y + dy) * width + x + dx;
        for (Plane plane : planes) {
          double moved = plane.v[here];
          plane.v[here] = plane.v[there];
          if (grey) {
            plane.v[there] = moved;
          }
        }
      }
    }
  }
}
