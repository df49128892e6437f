package io.acclimate.bank.statistics;

import io.acclimate.runtime.state.StateReader;
import io.acclimate.runtime.state.StateWriter;

/** Mean and the variance of each feature. */
final class DiagonalStatistics extends FeatureStatistics {
  private final double[] squares;

  DiagonalStatistics(int dimension) {
    super(dimension);
    squares = new double[dimension];
  }

  @Override
  void addScatter(double[] difference, double weight) {
    for (int i = 0; i < squares.length; i++) {
      squares[i] += weight * difference[i] * difference[i];
    }
  }

  @Override
  void addScatter(FeatureStatistics other) {
    double[] added = ((DiagonalStatistics) other).squares;
    for (int i = 0; i < squares.length; i++) {
      squares[i] += added[i];
    }
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
    double[] variances = squares.clone();
    for (int i = 0; i < variances.length; i++) {
      variances[i] = variances[i] * perDegreeOfFreedom() + ridge;
    }
    return variances;
  }

  @Override
  public long bytes() {
    return 2L * Double.BYTES * dimension();
  }

  @Override
  public void save(StateWriter out) {
    super.save(out);
    out.putDoubles("squares", squares);
  }

  @Override
  public void load(StateReader in) {
    super.load(in);
    System.arraycopy(in.getDoubles("squares", dimension()), 0, squares, 0, squares.length);
  }
}
