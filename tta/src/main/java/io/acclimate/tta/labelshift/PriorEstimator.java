package io.acclimate.tta.labelshift;

import java.util.Arrays;

/**
 * Expectation maximisation for the label distribution of samples, as {@link LabelShiftEm} has it,
 * with pseudo-samples of any distribution. Keeps only memory between calls. Not thread-safe.
 */
public final class PriorEstimator {
  private static final double TOLERANCE = 1e-6;

  private final int classes;
  private final double[] sums;
  private final double[] row;

  /** Creates an estimator over this many classes. */
  public PriorEstimator(int classes) {
    this.classes = classes;
    sums = new double[classes];
    row = new double[classes];
  }

  /**
   * Estimates the label distribution.
   *
   * @param answers {@code [n, classes]}; may be longer
   * @param source the label distribution that the answers assume
   * @param centre the distribution of the pseudo-samples, from which the search starts
   * @param strength the number of pseudo-samples, at least 0
   * @param prior receives the estimate, in which no class is rarer than {@link ClassPriors#clamp}
   *     allows
   */
  public void estimate(
      double[] answers,
      int n,
      double[] source,
      double[] centre,
      double strength,
      int maxIterations,
      double[] prior) {
    System.arraycopy(centre, 0, prior, 0, classes);
    for (int iteration = 0; iteration < maxIterations; iteration++) {
      Arrays.fill(sums, 0);
      for (int i = 0; i < n; i++) {
        ClassPriors.correctRow(answers, i * classes, source, prior, row, 0);
        for (int c = 0; c < classes; c++) {
          sums[c] += row[c];
        }
      }
      double change = 0;
      for (int c = 0; c < classes; c++) {
        double share = (sums[c] + strength * centre[c]) / (n + strength);
        change += Math.abs(share - prior[c]);
        prior[c] = share;
      }
      if (change < TOLERANCE) {
        break;
      }
    }
    ClassPriors.clamp(prior, source);
  }

  /**
   * How much better one label distribution explains the answers than another.
   *
   * @return the logarithm of the ratio of their likelihoods, in nats, over all n samples
   */
  public double evidence(double[] answers, int n, double[] source, double[] prior, double[] other) {
    double evidence = 0;
    for (int i = 0; i < n; i++) {
      double likelihood = 0;
      double otherLikelihood = 0;
      for (int c = 0; c < classes; c++) {
        double weight = answers[i * classes + c] / source[c];
        likelihood += weight * prior[c];
        otherLikelihood += weight * other[c];
      }
      evidence += Math.log(likelihood / otherLikelihood);
    }
    return evidence;
  }
}
