package io.acclimate.simulators.corruption;

import org.apache.commons.rng.UniformRandomProvider;
import org.apache.commons.rng.sampling.distribution.NormalizedGaussianSampler;
import org.apache.commons.rng.sampling.distribution.PoissonSamplerCache;
import org.apache.commons.rng.sampling.distribution.ZigguratSampler;

/** Fresh draws from a generator. */
final class RandomDraws implements Draws {
  /**
   * Set-up of the samplers; its answers do not depend on what it holds. 500 is the largest mean.
   */
  private static final PoissonSamplerCache POISSON = new PoissonSamplerCache(0, 500);

  private final UniformRandomProvider random;
  private final NormalizedGaussianSampler normal;

  RandomDraws(UniformRandomProvider random) {
    this.random = random;
    this.normal = ZigguratSampler.NormalizedGaussian.of(random);
  }

  @Override
  public double gaussian(double mean, double deviation) {
    return mean + deviation * normal.sample();
  }

  @Override
  public double uniform(double low, double high) {
    return low + (high - low) * random.nextDouble();
  }

  @Override
  public int integer(int low, int high) {
    return low + random.nextInt(high - low);
  }

  @Override
  public int poisson(double mean) {
    return mean == 0 ? 0 : POISSON.createSharedStateSampler(random, mean).sample();
  }
}
