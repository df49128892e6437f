package io.acclimate.simulators.corruption;

/** The random choices of a corruption, apart from its arithmetic so that they can be replayed. */
interface Draws {
  /** A normal variate. */
  double gaussian(double mean, double deviation);

  /** A uniform variate of [low, high). */
  double uniform(double low, double high);

  /** A uniform integer of low..high-1. */
  int integer(int low, int high);

  /** A Poisson variate; 0 when the mean is 0. */
  int poisson(double mean);

  /** A plane of independent normal variates, drawn row by row. */
  default Plane gaussianPlane(int height, int width, double mean, double deviation) {
    Plane plane = new Plane(height, width);
    for (int i = 0; i < plane.v.length; i++) {
      plane.v[i] = gaussian(mean, deviation);
    }
    return plane;
  }

  /** A plane of independent uniform variates of [low, high), drawn row by row. */
  default Plane uniformPlane(int height, int width, double low, double high) {
    Plane plane = new Plane(height, width);
    for (int i = 0; i < plane.v.length; i++) {
      plane.v[i] = uniform(low, high);
    }
    return plane;
  }
}
