package io.acclimate.tta.gradient;

import org.apache.commons.rng.UniformRandomProvider;
import org.apache.commons.rng.sampling.PermutationSampler;

/** Draws MixStyle's partners and shares for the second view of a batch. */
final class MixedViews {
  private static final double CONCENTRATION = 0.1;

  private MixedViews() {}

  /**
   * Sets the inputs of {@link AdaptiveBlocks}: view 0 stays as it is; in view 1 each row takes a
   * part of a partner's style, behind the first or the second block. With one row there is no
   * partner, and both views agree.
   */
  static void draw(SizedModel sized, UniformRandomProvider random) {
    int capacity = sized.capacity();
    int all = 2 * capacity;
    int[] partners = new PermutationSampler(random, sized.rows(), sized.rows()).sample();
    double[] matrix = new double[all * all];
    double[] shares = new double[all];
    for (int i = 0; i < all; i++) {
      boolean mixed = i >= capacity && i - capacity < sized.rows();
      int partner = mixed ? capacity + partners[i - capacity] : i;
      matrix[i * all + partner] = 1;
      shares[i] = mixed ? beta(random) : 0;
    }
    int block = random.nextBoolean() ? 0 : 1;
    sized.set(AdaptiveBlocks.PARTNERS, matrix);
    sized.set(AdaptiveBlocks.mixing(block), shares);
    sized.set(AdaptiveBlocks.mixing(1 - block));
  }

  /** A draw of Beta(0.1, 0.1), by Jöhnk's method. */
  private static double beta(UniformRandomProvider random) {
    while (true) {
      double x = Math.log(random.nextDouble()) / CONCENTRATION;
      double y = Math.log(random.nextDouble()) / CONCENTRATION;
      double larger = Math.max(x, y);
      double sum = larger + Math.log(Math.exp(x - larger) + Math.exp(y - larger));
      if (sum <= 0) {
        return Math.exp(x - sum);
      }
    }
  }
}
