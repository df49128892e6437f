package io.acclimate.bank.statistics;

import java.util.Arrays;

/** Mean only: the covariance counts as zero. */
final class MeanStatistics extends FeatureStatistics {
  MeanStatistics(int dimension) {
    super(dimension);
  }

  @Override
  void addScatter(double[] difference, double weight) {
    // The spread is not kept.
  }

  @Override
  void addScatter(FeatureStatistics other) {
    // The spread is not kept.
  }

  @Override
  public double[] covariance(double ridge) {
    return Matrices.diagonal(variances(ridge));
  }

  @Override
  public GaussianSampler sampler(double ridge) {
    return GaussianSampler.ofVariances(mean(), variances(ridge));
  }

  private double[] variances(double ridge) {
    double[] variances = new double[dimension()];
    Arrays.fill(variances, ridge);
    return variances;
  }

  @Override
  public long bytes() {
    return (long) Double.BYTES * dimension();
  }
}
