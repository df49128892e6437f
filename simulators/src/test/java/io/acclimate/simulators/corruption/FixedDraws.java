package io.acclimate.simulators.corruption;

/** Draws that a test answers some kinds of; any other kind fails. */
abstract class FixedDraws implements Draws {
  @Override
  public double gaussian(double mean, double deviation) {
    throw new AssertionError("Unexpected normal draw");
  }

  @Override
  public double uniform(double low, double high) {
    throw new AssertionError("Unexpected uniform draw");
  }

  @Override
  public int integer(int low, int high) {
    throw new AssertionError("Unexpected integer draw");
  }

  @Override
  public int poisson(double mean) {
    throw new AssertionError("Unexpected Poisson draw");
  }
}
