package io.acclimate.tta.lame;

import io.acclimate.tta.OutputBatch;
import io.acclimate.tta.StatelessCorrector;

/**
 * LAME: Laplacian adjusted maximum-likelihood estimation. Corrects the output of one batch so that
 * samples with alike features get alike answers; nothing is kept from batch to batch.
 *
 * <p>With U = -log(p + 1e-10) and an affinity W over unit features it repeats Y = softmax(lambda W
 * Y - U) from Y = softmax(-U) until the bound of the energy, sum of y (U - lambda W y' + log y)
 * with the last y', stands still; at a softmax that is minus the sum of the rows' log partition
 * functions. Here softmax(Q - U) is (p + 1e-10) exp(Q), normalised, which needs no logarithm.
 * Boudiaf et al., Parameter-free Online Test-time Adaptation, CVPR 2022, arXiv 2201.05718.
 *
 * <p>Gains where labels are correlated in time; costs a few points on i.i.d. streams, and with
 * {@link Affinity#RBF} far more. Time O(n^2 d + n k c) with neighbours, O(n^2 (d + c)) else; memory
 * O(n^2), reused. Not thread-safe.
 */
public final class Lame extends StatelessCorrector {
  private static final double PROBABILITY_FLOOR = 1e-10;
  private static final double TOLERANCE = 1e-8;

  /** Entries that are updated together: enough for full vectors, and all in the L1 cache. */
  private static final int BLOCK = 1024;

  private final LameSettings settings;
  private final AffinityMatrix affinity;
  private int blockRows;
  private double[][] weights = new double[0][0];
  private double[] pull = new double[0];
  private double[] exponents = new double[0];
  private double[] raised = new double[0];

  /** Y, each row still to be multiplied with its scale. */
  private double[][] current = new double[0][0];

  private double[][] next = new double[0][0];
  private double[] scales = new double[0];
  private double[] nextScales = new double[0];
  private int iterations;

  /** Creates a corrector with these settings. */
  public Lame(LameSettings settings) {
    this.settings = settings;
    this.affinity = new AffinityMatrix(settings);
  }

  @Override
  public void predict(OutputBatch batch, double[] corrected) {
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
    load(probabilities, n, classes);
    boolean shift = matrix.bound() > VectorExp.HIGHEST / 2;
    double previous = 0;
    iterations = 0;
    while (iterations < settings.maxIterations()) {
      double energy = update(matrix, n, classes, shift);
      iterations++;
      if (iterations > 2 && Math.abs(energy - previous) <= TOLERANCE * Math.abs(previous)) {
        break;
      }
      previous = energy;
    }
    for (int i = 0; i < n; i++) {
      for (int c = 0; c < classes; c++) {
        y[i * classes + c] = current[i][c] * scales[i];
      }
    }
  }

  private void load(double[] probabilities, int n, int classes) {
    blockRows = Math.max(1, BLOCK / classes);
    reserve(n, classes);
    for (int i = 0; i < n; i++) {
      double[] block = weights[i / blockRows];
      int at = i % blockRows * classes;
      for (int c = 0; c < classes; c++) {
        block[at + c] = probabilities[i * classes + c] + PROBABILITY_FLOOR;
      }
      System.arraycopy(block, at, current[i], 0, classes);
      scales[i] = 1 / sum(block, at, classes);
    }
  }

  private void reserve(int n, int classes) {
    if (current.length < n || pull.length < classes) {
      int rows = Math.max(n, current.length);
      pull = new double[Math.max(classes, pull.length)];
      current = new double[rows][pull.length];
      next = new double[rows][pull.length];
      scales = new double[rows];
      nextScales = new double[rows];
      weights = new double[0][0];
      exponents = new double[Math.max(BLOCK, pull.length)];
      raised = new double[exponents.length];
    }
    int blocks = (n + blockRows - 1) / blockRows;
    if (weights.length < blocks) {
      weights = new double[blocks][exponents.length];
    }
  }

  /** Replaces Y by softmax(lambda W Y - U) and returns the bound of the energy. */
  private double update(AffinityMatrix matrix, int n, int classes, boolean shift) {
    double energy = 0;
    for (int first = 0; first < n; first += blockRows) {
      int rows = Math.min(blockRows, n - first);
      for (int i = 0; i < rows; i++) {
        matrix.multiplyRow(first + i, current, scales, classes, pull);
        energy -= shift ? subtractMaximum(pull, classes) : 0;
        System.arraycopy(pull, 0, exponents, i * classes, classes);
      }
      VectorExp.weighted(exponents, weights[first / blockRows], rows * classes, raised);
      for (int i = 0; i < rows; i++) {
        double sum = sum(raised, i * classes, classes);
        System.arraycopy(raised, i * classes, next[first + i], 0, classes);
        nextScales[first + i] = 1 / sum;
        energy -= Math.log(sum);
      }
    }
    double[][] rows = current;
    current = next;
    next = rows;
    double[] rowScales = scales;
    scales = nextScales;
    nextScales = rowScales;
    return energy;
  }

  private static double subtractMaximum(double[] values, int count) {
    double max = values[0];
    for (int k = 1; k < count; k++) {
      max = Math.max(max, values[k]);
    }
    for (int k = 0; k < count; k++) {
      values[k] -= max;
    }
    return max;
  }

  private static double sum(double[] values, int from, int count) {
    double sum = 0;
    for (int k = from; k < from + count; k++) {
      sum += values[k];
    }
    return sum;
  }

  @Override
  public void close() {
    affinity.close();
  }

  /** The number of updates of the last batch; 0 when it was left as it was. */
  public int iterations() {
    return iterations;
  }
}
