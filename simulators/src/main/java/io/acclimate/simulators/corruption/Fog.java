package io.acclimate.simulators.corruption;

/** Fog: one cloud over all channels, darkened so that the brightest sample stays as bright. */
final class Fog {
  private Fog() {}

  static Image apply(Image clean, double[] parameters, Draws draws) {
    double amount = parameters[0];
    double decay = parameters[1];
    Plane[] planes = Plane.units(clean);
    double brightest = 0;
    for (Plane plane : planes) {
      brightest = Math.max(brightest, plane.max());
    }
    Plane cloud = Plasma.create(clean.height(), clean.width(), decay, draws);
    for (Plane plane : planes) {
      for (int i = 0; i < plane.v.length; i++) {
        plane.v[i] = (plane.v[i] + amount * cloud.v[i]) * brightest / (brightest + amount);
      }
    }
    return Plane.imageOfUnits(planes);
  }
}
