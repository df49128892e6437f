package io.acclimate.bank.statistics;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.state.StateReader;
import io.acclimate.runtime.state.StateWriter;
import io.acclimate.runtime.state.Stateful;

/**
 * Mean and covariance of features, collected one by one (Welford's method) or in parts that are
 * added up (Chan et al., 1979): the results are those of the whole at once, up to rounding.
 *
 * <p>Covariances are unbiased: the sum of squares is divided by {@code n - 1}, and is 0 for fewer
 * than two samples. Not thread-safe.
 */
public abstract class FeatureStatistics implements Stateful {
  private final int dimension;
  private final double[] mean;
  private final double[] difference;
  private long count;

  FeatureStatistics(int dimension) {
    this.dimension = dimension;
    this.mean = new double[dimension];
    this.difference = new double[dimension];
  }

  /** The number d of features. */
  public final int dimension() {
    return dimension;
  }

  /** The number of samples. */
  public final long count() {
    return count;
  }

  /** A copy of the mean, {@code [d]}; zeros before the first sample. */
  public final double[] mean() {
    return mean.clone();
  }

  /**
   * Takes one sample in.
   *
   * @param features {@code [d]}
   * @throws AcclimateException when the size differs or a feature is NaN or infinite; nothing has
   *     changed then
   */
  public final void add(double[] features) {
    if (features.length != dimension) {
      throw new AcclimateException(
          "expected %d features, found %d".formatted(dimension, features.length));
    }
    for (int i = 0; i < dimension; i++) {
      if (!Double.isFinite(features[i])) {
        throw new AcclimateException(
            "feature %d: expected a finite number, found %s".formatted(i, features[i]));
      }
    }
    for (int i = 0; i < dimension; i++) {
      difference[i] = features[i] - mean[i];
    }
    shift(1);
  }

  /**
   * Takes in all samples of other statistics, which stay as they are.
   *
   * @throws AcclimateException when their size or kind differs
   */
  public final void addAll(FeatureStatistics other) {
    requireLike(other);
    if (other.count > 0) {
      addScatter(other);
      for (int i = 0; i < dimension; i++) {
        difference[i] = other.mean[i] - mean[i];
      }
      shift(other.count);
    }
  }

  /** Moves the mean by what {@code added} samples at {@code difference} from it pull. */
  private void shift(long added) {
    long before = count;
    count += added;
    double share = (double) added / count;
    for (int i = 0; i < dimension; i++) {
      mean[i] += share * difference[i];
    }
    addScatter(difference, before * share);
  }

  private void requireLike(FeatureStatistics other) {
    if (other.getClass() != getClass() || other.dimension != dimension) {
      throw new AcclimateException("expected statistics like %s, found %s".formatted(this, other));
    }
  }

  /** Adds {@code weight * difference difference^T} to the sum of squares. */
  abstract void addScatter(double[] difference, double weight);

  /** Adds the sum of squares of statistics of the same class and size. */
  abstract void addScatter(FeatureStatistics other);

  /**
   * The covariance as a matrix, for small d and for tests.
   *
   * @param ridge added to the diagonal
   * @return {@code [d, d]} row by row
   */
  public abstract double[] covariance(double ridge);

  /**
   * Makes a source of features with this mean and covariance.
   *
   * @param ridge added to every variance, so that few samples suffice
   * @throws AcclimateException when the covariance with the ridge is not positive definite
   */
  public abstract GaussianSampler sampler(double ridge);

  /** The bytes that the statistics take when they are saved. */
  public abstract long bytes();

  /** What the sum of squares is multiplied with to be a covariance. */
  final double perDegreeOfFreedom() {
    return count < 2 ? 0 : 1.0 / (count - 1);
  }

  @Override
  public void save(StateWriter out) {
    out.putLong("count", count);
    out.putDoubles("mean", mean);
  }

  @Override
  public void load(StateReader in) {
    count = in.getLong("count");
    System.arraycopy(in.getDoubles("mean", dimension), 0, mean, 0, dimension);
  }

  @Override
  public String toString() {
    return "%s of %d features".formatted(getClass().getSimpleName(), dimension);
  }
}
