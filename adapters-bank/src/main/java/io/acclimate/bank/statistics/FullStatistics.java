package io.acclimate.bank.statistics;

import io.acclimate.runtime.state.StateReader;
import io.acclimate.runtime.state.StateWriter;

/** Mean and every covariance; the symmetric sum of squares is kept as its lower triangle. */
final class FullStatistics extends FeatureStatistics {
  private final double[] triangle;

  FullStatistics(int dimension) {
    super(dimension);
    triangle = new double[Math.toIntExact((long) dimension * (dimension + 1) / 2)];
  }

  @Override
  void addScatter(double[] difference, double weight) {
    int at = 0;
    for (int i = 0; i < difference.length; i++) {
      double scaled = weight * difference[i];
      for (int j = 0; j <= i; j++) {
        triangle[at++] += scaled * difference[j];
      }
    }
  }

  @Override
  void addScatter(FeatureStatistics other) {
    double[] added = ((FullStatistics) other).triangle;
    for (int i = 0; i < triangle.length; i++) {
      triangle[i] += added[i];
    }
  }

  @Override
  public double[] covariance(double ridge) {
    int d = dimension();
    double[] covariance = new double[d * d];
    int at = 0;
    for (int i = 0; i < d; i++) {
      for (int j = 0; j <= i; j++) {
        double value = triangle[at++] * perDegreeOfFreedom();
        covariance[i * d + j] = value;
        covariance[j * d + i] = value;
      }
      covariance[i * d + i] += ridge;
    }
    return covariance;
  }

  @Override
  public GaussianSampler sampler(double ridge) {
    return GaussianSampler.ofCovariance(mean(), covariance(ridge));
  }

  @Override
  public long bytes() {
    return (long) Double.BYTES * (dimension() + triangle.length);
  }

  @Override
  public void save(StateWriter out) {
    super.save(out);
    out.putDoubles("triangle", triangle);
  }

  @Override
  public void load(StateReader in) {
    super.load(in);
    System.arraycopy(in.getDoubles("triangle", triangle.length), 0, triangle, 0, triangle.length);
  }
}
