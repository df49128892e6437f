package io.acclimate.bank.statistics;

import java.util.Arrays;
import org.apache.commons.rng.UniformRandomProvider;
import org.apache.commons.rng.sampling.distribution.SharedStateContinuousSampler;
import org.apache.commons.rng.sampling.distribution.ZigguratSampler;

/**
 * Draws feature vectors from a normal distribution {@code N(mean, covariance)}: the mean plus a
 * linear map of standard normal noise. Immutable; safe for all threads with a generator for each.
 */
public abstract class GaussianSampler {
  private final double[] mean;
  private final int noiseSize;

  GaussianSampler(double[] mean, int noiseSize) {
    this.mean = mean;
    this.noiseSize = noiseSize;
  }

  /** The number d of features. */
  public final int dimension() {
    return mean.length;
  }

  /** How many standard normal numbers one vector takes. */
  public final int noiseSize() {
    return noiseSize;
  }

  /**
   * Makes one vector of given noise.
   *
   * @param noise {@code [noiseSize]}
   * @param features receives the vector, {@code [d]}
   */
  public final void transform(double[] noise, double[] features) {
    System.arraycopy(mean, 0, features, 0, mean.length);
    addNoise(noise, features);
  }

  /**
   * Draws vectors.
   *
   * @param count how many
   * @return {@code [count, d]} row by row
   */
  public final double[] sample(int count, UniformRandomProvider random) {
    SharedStateContinuousSampler normal = ZigguratSampler.NormalizedGaussian.of(random);
    double[] noise = new double[noiseSize];
    double[] features = new double[mean.length];
    double[] all = new double[Math.multiplyExact(count, mean.length)];
    for (int row = 0; row < count; row++) {
      Arrays.setAll(noise, i -> normal.sample());
      transform(noise, features);
      System.arraycopy(features, 0, all, row * mean.length, mean.length);
    }
    return all;
  }

  abstract void addNoise(double[] noise, double[] features);

  /** Independent features. */
  static GaussianSampler ofVariances(double[] mean, double[] variances) {
    return ofDirections(mean, new double[0][], variances);
  }

  /** A sum of directions, and independent features on top. */
  static GaussianSampler ofDirections(double[] mean, double[][] directions, double[] variances) {
    double[] deviations = Arrays.stream(variances).map(Math::sqrt).toArray();
    return new GaussianSampler(mean, mean.length + directions.length) {
      @Override
      void addNoise(double[] noise, double[] features) {
        for (int i = 0; i < features.length; i++) {
          features[i] += deviations[i] * noise[i];
        }
        for (int k = 0; k < directions.length; k++) {
          double strength = noise[features.length + k];
          for (int i = 0; i < features.length; i++) {
            features[i] += strength * directions[k][i];
          }
        }
      }
    };
  }

  /** Any covariance {@code [d, d]}, through its lower Cholesky factor. */
  static GaussianSampler ofCovariance(double[] mean, double[] covariance) {
    int d = mean.length;
    double[] factor = Matrices.cholesky(covariance, d);
    return new GaussianSampler(mean, d) {
      @Override
      void addNoise(double[] noise, double[] features) {
        for (int i = 0; i < d; i++) {
          double sum = 0;
          for (int j = 0; j <= i; j++) {
            sum += factor[i * d + j] * noise[j];
          }
          features[i] += sum;
        }
      }
    };
  }
}
