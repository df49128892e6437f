package io.acclimate.simulators.corruption;

/** Noise that is independent for each sample, drawn pixel by pixel and channel by channel. */
final class Noise {
  private static final double SALT_SHARE = .5;

  private Noise() {}

  /** What becomes of one sample in 0..1. */
  private interface SampleNoise {
    double apply(double unit);
  }

  /** Adds normal noise. */
  static Image gaussian(Image clean, double[] parameters, Draws draws) {
    double deviation = parameters[0];
    return perSample(clean, unit -> unit + draws.gaussian(0, deviation));
  }

  /** Adds normal noise in proportion to the sample. */
  static Image speckle(Image clean, double[] parameters, Draws draws) {
    double deviation = parameters[0];
    return perSample(clean, unit -> unit + unit * draws.gaussian(0, deviation));
  }

  /** Counts photons: Poisson noise. */
  static Image shot(Image clean, double[] parameters, Draws draws) {
    double photons = parameters[0];
    return perSample(clean, unit -> draws.poisson(unit * photons) / photons);
  }

  /** Replaces some samples by salt (1) or pepper (0). */
  static Image impulse(Image clean, double[] parameters, Draws draws) {
    double share = parameters[0];
    return perSample(
        clean,
        unit -> {
          if (draws.uniform(0, 1) >= share) {
            return unit;
          }
          return draws.uniform(0, 1) < SALT_SHARE ? 1 : 0;
        });
  }

  private static Image perSample(Image clean, SampleNoise noise) {
    Plane[] planes = Plane.units(clean);
    for (int i = 0; i < planes[0].v.length; i++) {
      for (Plane plane : planes) {
        plane.v[i] = noise.apply(plane.v[i]);
      }
    }
    return Plane.imageOfUnits(planes);
  }
}
