package io.acclimate.tta.lame;

import io.acclimate.tta.OutputBatch;
import io.acclimate.tta.OutputCorrector;

/**
 * LAME: Laplacian adjusted maximum-likelihood estimation. Corrects the output of one batch so that
 * samples with alike features get alike answers; nothing is kept from batch to batch.
 *
 * <p>With U = -log(p + 1e-10) and an affinity W over unit features it repeats Y = softmax(lambda W
 * Y - U) from Y = softmax(-U) until the bound of the energy stands still. Boudiaf et al.,
 * Parameter-free Online Test-time Adaptation, CVPR 2022, arXiv 2201.05718.
 *
 * <p>Gains where labels are correlated in time; costs a few points on i.i.d. streams, and with
 * {@link Affinity#RBF} far more. Time O(n^2 d + n k c) with neighbours, O(n^2 (d + c)) else; memory
 * O(n^2), reused. Not thread-safe.
 */
public final class Lame implements OutputCorrector {
  private static final double PROBABILITY_FLOOR = 1e-10;
  private static final double TOLERANCE = 1e-8;

  private final LameSettings settings;
  private final AffinityMatrix affinity;
  private double[] unary = new double[0];
  private double[] pull = new double[0];
  private int iterations;

  /** Creates a corrector with these settings. */
  public Lame(LameSettings settings) {
    this.settings = settings;
    this.affinity = new AffinityMatrix(settings);
  }

  @Override
  public void correct(OutputBatch batch, double[] corrected) {
    int count = batch.size() * batch.classes();
    boolean usable = batch.size() > 1 || settings.affinity() != Affinity.RBF;
    if (usable && affinity.compute(batch.features(), batch.size(), batch.featureSize())) {
      solve(affinity, batch.probabilities(), batch.size(), batch.classes(), corrected);
    } else {
      iterations = 0;
      System.arraycopy(batch.probabilities(), 0, corrected, 0, count);
    }
  }

  /** Runs the updates for a given affinity. */
  void solve(AffinityMatrix matrix, double[] probabilities, int n, int classes, double[] y) {
    prepare(probabilities, n * classes);
    softmaxRows(y, n, classes, false);
    double previous = 0;
    iterations = 0;
    while (iterations < settings.maxIterations()) {
      matrix.multiply(y, classes, pull);
      double energy = softmaxRows(y, n, classes, true);
      iterations++;
      if (iterations > 2 && Math.abs(energy - previous) <= TOLERANCE * Math.abs(previous)) {
        break;
      }
      previous = energy;
    }
  }

  private void prepare(double[] probabilities, int count) {
    if (unary.length < count) {
      unary = new double[count];
      pull = new double[count];
    }
    for (int k = 0; k < count; k++) {
      unary[k] = -Math.log(probabilities[k] + PROBABILITY_FLOOR);
    }
  }

  /**
   * Writes softmax(Q - U) by rows, or softmax(-U) without the pull Q.
   *
   * @return the bound of the energy at the new y: sum of y (U - Q + log y), which at a softmax is
   *     minus the sum of the rows' log partition functions
   */
  private double softmaxRows(double[] y, int n, int classes, boolean withPull) {
    double energy = 0;
    for (int i = 0; i < n; i++) {
      int row = i * classes;
      double max = Double.NEGATIVE_INFINITY;
      for (int k = row; k < row + classes; k++) {
        y[k] = withPull ? pull[k] - unary[k] : -unary[k];
        max = Math.max(max, y[k]);
      }
      double sum = 0;
      for (int k = row; k < row + classes; k++) {
        y[k] = Math.exp(y[k] - max);
        sum += y[k];
      }
      for (int k = row; k < row + classes; k++) {
        y[k] /= sum;
      }
      energy -= max + Math.log(sum);
    }
    return energy;
  }

  /** The number of updates of the last batch; 0 when it was left as it was. */
  public int iterations() {
    return iterations;
  }

  @Override
  public void reset() {
    iterations = 0;
  }
}
