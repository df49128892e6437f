package io.acclimate.tta.lame;

import java.util.Arrays;

/**
 * The affinity W of a batch, {@code [n, n]}: compressed rows of neighbours for {@link
 * Affinity#KNN}, a full matrix for the others. Its memory is kept from batch to batch.
 */
final class AffinityMatrix implements AutoCloseable {
  private final LameSettings settings;
  private final UnitFeatures features = new UnitFeatures();
  private final NeighbourSearch search = new NeighbourSearch();
  private double[] full = new double[0];
  private double[] row = new double[0];
  private int[] neighbours = new int[0];
  private int[] starts = new int[1];
  private int[] columns = new int[0];
  private int[] filled = new int[0];
  private int samples;

  AffinityMatrix(LameSettings settings) {
    this.settings = settings;
  }

  /**
   * Computes the affinity of {@code [n, d]} features.
   *
   * @return false when all samples coincide, so that no width of the RBF kernel exists
   */
  boolean compute(double[] values, int n, int d) {
    samples = n;
    if (settings.affinity() == Affinity.KNN) {
      int k = Math.min(settings.knn(), n - 1);
      if (neighbours.length < n * k) {
        neighbours = new int[n * k];
      }
      search.find(values, n, d, k, neighbours);
      compress(k);
      return true;
    }
    if (full.length < n * n) {
      full = new double[n * n];
    }
    features.load(values, n, d);
    if (settings.affinity() == Affinity.LINEAR) {
      features.products(full);
      return true;
    }
    features.squaredDistances(full);
    return gaussian();
  }

  /** Takes given neighbours instead, {@code [n][k]}; a sample may be a neighbour of itself. */
  void useNeighbours(int[][] given) {
    samples = given.length;
    neighbours = Arrays.stream(given).flatMapToInt(Arrays::stream).toArray();
    compress(given.length == 0 ? 0 : given[0].length);
  }

  /** Lists for each sample its k neighbours, and for a symmetric W those it is a neighbour of. */
  private void compress(int k) {
    int entries = samples * k;
    boolean symmetric = settings.forceSymmetry();
    if (starts.length <= samples) {
      starts = new int[samples + 1];
      filled = new int[samples];
    }
    if (columns.length < 2 * entries) {
      columns = new int[2 * entries];
    }
    Arrays.fill(filled, 0, samples, k);
    for (int e = 0; symmetric && e < entries; e++) {
      filled[neighbours[e]]++;
    }
    starts[0] = 0;
    for (int i = 0; i < samples; i++) {
      starts[i + 1] = starts[i] + filled[i];
      System.arraycopy(neighbours, i * k, columns, starts[i], k);
      filled[i] = starts[i] + k;
    }
    for (int e = 0; symmetric && e < entries; e++) {
      columns[filled[neighbours[e]]++] = e / k;
    }
  }

  private boolean gaussian() {
    int rank = Math.min(settings.knn(), samples);
    if (row.length < samples) {
      row = new double[samples];
    }
    double sum = 0;
    for (int i = 0; i < samples; i++) {
      System.arraycopy(full, i * samples, row, 0, samples);
      Arrays.sort(row, 0, samples);
      sum += Math.sqrt(row[rank - 1]);
    }
    double width = sum / samples;
    if (width == 0) {
      return false;
    }
    double scale = -1 / (2 * width * width);
    for (int k = 0; k < samples * samples; k++) {
      full[k] = Math.exp(full[k] * scale);
    }
    return true;
  }

  /** The largest sum of absolute weights in a row, times lambda. */
  double bound() {
    double most = 0;
    for (int i = 0; i < samples; i++) {
      double sum = 0;
      if (settings.affinity() == Affinity.KNN) {
        sum = (starts[i + 1] - starts[i]) * (settings.forceSymmetry() ? 0.5 : 1);
      } else {
        for (int j = 0; j < samples; j++) {
          sum += Math.abs(full[i * samples + j]);
        }
      }
      most = Math.max(most, sum);
    }
    return settings.lambda() * most;
  }

  /**
   * Writes one row of lambda W Y into {@code target}.
   *
   * @param rows {@code [n][classes]}; row j of Y is {@code scales[j]} times {@code rows[j]}
   */
  void multiplyRow(int i, double[][] rows, double[] scales, int classes, double[] target) {
    Arrays.fill(target, 0, classes, 0);
    double lambda = settings.lambda();
    if (settings.affinity() != Affinity.KNN) {
      for (int j = 0; j < samples; j++) {
        // rbf and linear are symmetric already
        add(lambda * full[i * samples + j] * scales[j], rows[j], classes, target);
      }
      return;
    }
    double weight = settings.forceSymmetry() ? lambda / 2 : lambda;
    int end = starts[i + 1];
    int e = starts[i];
    for (; e + 3 < end; e += 4) {
      int j0 = columns[e];
      int j1 = columns[e + 1];
      int j2 = columns[e + 2];
      int j3 = columns[e + 3];
      double w0 = weight * scales[j0];
      double w1 = weight * scales[j1];
      double w2 = weight * scales[j2];
      double w3 = weight * scales[j3];
      addFour(w0, rows[j0], w1, rows[j1], w2, rows[j2], w3, rows[j3], classes, target);
    }
    for (; e < end; e++) {
      add(weight * scales[columns[e]], rows[columns[e]], classes, target);
    }
  }

  private static void addFour(
      double w0,
      double[] y0,
      double w1,
      double[] y1,
      double w2,
      double[] y2,
      double w3,
      double[] y3,
      int count,
      double[] target) {
    for (int c = 0; c < count; c++) {
      target[c] =
          Math.fma(
              w3, y3[c], Math.fma(w2, y2[c], Math.fma(w1, y1[c], Math.fma(w0, y0[c], target[c]))));
    }
  }

  private static void add(double weight, double[] source, int count, double[] target) {
    for (int c = 0; c < count; c++) {
      target[c] = Math.fma(weight, source[c], target[c]);
    }
  }

  @Override
  public void close() {
    search.close();
  }
}
