package io.acclimate.tta.labelshift;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.SeedTree;
import java.util.Arrays;
import org.apache.commons.rng.UniformRandomProvider;
import org.apache.commons.rng.sampling.PermutationSampler;

/**
 * How a label shift adapter is learned. What the paper's abstract leaves open is a choice here.
 *
 * @param condition what the adapter is told of a label distribution
 * @param imbalanceFactor how much rarer the rarest class may be than the commonest, above 1
 * @param hidden units of the adapter's hidden layer, at least 1
 * @param rank directions in which the head's weights may change, at least 1
 * @param temperature what the logarithms of label distributions in the loss are multiplied by, at
 *     least 0
 * @param steps steps of Adam, at least 0
 * @param batchSize samples of a step, at least 1
 * @param rate the learning rate at first; it falls along a cosine
 * @param seed the root of all draws
 */
public record LabelShiftPlan(
    LabelCondition.Kind condition,
    double imbalanceFactor,
    int hidden,
    int rank,
    double temperature,
    int steps,
    int batchSize,
    double rate,
    long seed) {
  /** A source whose commonest class comes less often than this times the rarest counts as even. */
  private static final double EVEN = 1.5;

  /**
   * Checks the ranges.
   *
   * @throws AcclimateException when one is left
   */
  public LabelShiftPlan {
    boolean sizes = hidden >= 1 && rank >= 1 && steps >= 0 && batchSize >= 1;
    boolean scales = imbalanceFactor > 1 && imbalanceFactor <= 1e6 && temperature >= 0;
    if (!sizes || !scales || !(rate >= 0)) {
      throw new AcclimateException(
          ("label shift adapter: expected an imbalance factor above 1 to 1e6, hidden, rank and"
                  + " batch size from 1, temperature, steps and rate from 0; found %s, %d, %d, %d,"
                  + " %s, %d, %s")
              .formatted(imbalanceFactor, hidden, rank, batchSize, temperature, steps, rate));
    }
  }

  /**
   * The label distribution of imbalance degree 1: the source's, or, where that is about even, a
   * long tail in the order of the classes' numbers.
   */
  double[] axis(double[] source) {
    double most = Arrays.stream(source).max().orElseThrow();
    double least = Arrays.stream(source).min().orElseThrow();
    return most >= EVEN * least ? source.clone() : longTail(source.length, imbalanceFactor);
  }

  private static double[] longTail(int classes, double factor) {
    double[] shares = new double[classes];
    Arrays.setAll(shares, c -> Math.pow(factor, -c / (classes - 1.0)));
    return normalised(shares);
  }

  private static double[] normalised(double[] shares) {
    double sum = Arrays.stream(shares).sum();
    Arrays.setAll(shares, c -> shares[c] / sum);
    return shares;
  }

  /**
   * Draws the label distribution of a step: for one number somewhere between the axis, even shares
   * and the reversed axis; else a long tail of any factor in any order of the classes.
   */
  double[] draw(double[] axis, SeedTree seeds) {
    UniformRandomProvider random = seeds.generator();
    double[] shares;
    if (condition == LabelCondition.Kind.IMBALANCE_DEGREE) {
      double degree = 2 * random.nextDouble() - 1;
      double[] end = degree < 0 ? LabelCondition.reversed(axis) : axis;
      shares = new double[axis.length];
      Arrays.setAll(shares, c -> Math.pow(end[c], Math.abs(degree)));
      normalised(shares);
    } else {
      double[] tail = longTail(axis.length, Math.pow(imbalanceFactor, random.nextDouble()));
      int[] order = new PermutationSampler(random, tail.length, tail.length).sample();
      shares = new double[tail.length];
      Arrays.setAll(shares, c -> tail[order[c]]);
    }
    ClassPriors.clamp(shares, axis);
    return shares;
  }
}
