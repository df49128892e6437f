package io.acclimate.simulators.corruption;

/**
 * Snow: blurred flakes that fall roughly downwards over a whitened image, and once more upside
 * down.
 */
final class Snow {
  private static final double MIN_ANGLE_DEGREES = -135;
  private static final double MAX_ANGLE_DEGREES = -45;

  private Snow() {}

  static Image apply(Image clean, double[] parameters, Draws draws) {
    double kept = parameters[6];
    Plane flakes = flakes(clean.height(), clean.width(), parameters, draws);
    Plane[] planes = Plane.units(clean);
    Plane grey = Plane.luma(planes);
    int last = flakes.v.length - 1;
    return Plane.imageOfUnits(
        Plane.each(
            planes,
            plane -> {
              Plane out = new Plane(plane.height, plane.width);
              for (int i = 0; i <= last; i++) {
                double white = Math.max(plane.v[i], 1.5 * grey.v[i] + .5);
                out.v[i] =
                    kept * plane.v[i] + (1 - kept) * white + flakes.v[i] + flakes.v[last - i];
              }
              return out;
            }));
  }

  /** The layer of flakes, 0..1. */
  private static Plane flakes(int height, int width, double[] parameters, Draws draws) {
    double mean = parameters[0];
    double deviation = parameters[1];
    double zoom = parameters[2];
    double threshold = parameters[3];
    double radiusPx = parameters[4];
    double sigmaPx = parameters[5];
    Plane layer = Resampling.clippedZoom(draws.gaussianPlane(height, width, mean, deviation), zoom);
    Plane levels =
        layer.map(v -> v < threshold ? 0 : Math.floor(Math.min(Math.max(v, 0), 1) * 255));
    double angleDegrees = draws.uniform(MIN_ANGLE_DEGREES, MAX_ANGLE_DEGREES);
    return new MotionBlur(radiusPx, sigmaPx, angleDegrees).apply(levels).map(v -> v / 255);
  }
}
