package io.acclimate.tta.lame;

import java.util.Arrays;

/**
 * The affinity W of a batch, {@code [n, n]}: lists of neighbours for {@link Affinity#KNN}, a full
 * matrix for the others. Its memory is kept from batch to batch.
 */
final class AffinityMatrix {
  private final LameSettings settings;
  private final UnitFeatures features = new UnitFeatures();
  private double[] full = new double[0];
  private int[] neighbours = new int[0];
  private double[] nearest = new double[0];
  private int samples;
  private int perSample;

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
    if (full.length < n * n) {
      full = new double[n * n];
    }
    features.load(values, n, d);
    return switch (settings.affinity()) {
      case LINEAR -> {
        features.products(full);
        yield true;
      }
      case RBF -> {
        features.squaredDistances(full);
        yield gaussian();
      }
      case KNN -> {
        features.squaredDistances(full);
        findNeighbours();
        yield true;
      }
    };
  }

  /** Takes given neighbours instead, {@code [n][k]}; a sample may be a neighbour of itself. */
  void useNeighbours(int[][] given) {
    samples = given.length;
    perSample = given.length == 0 ? 0 : given[0].length;
    neighbours = Arrays.stream(given).flatMapToInt(Arrays::stream).toArray();
  }

  private void findNeighbours() {
    perSample = Math.min(settings.knn(), samples - 1);
    if (neighbours.length < samples * perSample) {
      neighbours = new int[samples * perSample];
    }
    if (nearest.length < perSample) {
      nearest = new double[perSample];
    }
    for (int i = 0; i < samples; i++) {
      selectNearest(i);
    }
  }

  /** Keeps the nearest other samples of one row in order; the lower index wins a tie. */
  private void selectNearest(int i) {
    int start = i * perSample;
    int count = 0;
    for (int j = 0; j < samples; j++) {
      double distance = full[i * samples + j];
      if (j == i || (count == perSample && (count == 0 || distance >= nearest[count - 1]))) {
        continue;
      }
      int at = count < perSample ? count++ : count - 1;
      while (at > 0 && nearest[at - 1] > distance) {
        nearest[at] = nearest[at - 1];
        neighbours[start + at] = neighbours[start + at - 1];
        at--;
      }
      nearest[at] = distance;
      neighbours[start + at] = j;
    }
  }

  private boolean gaussian() {
    int rank = Math.min(settings.knn(), samples);
    double[] row = new double[samples];
    double sum = 0;
    for (int i = 0; i < samples; i++) {
      System.arraycopy(full, i * samples, row, 0, samples);
      Arrays.sort(row);
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

  /** Writes lambda W y into {@code target}; both are {@code [n, classes]}. */
  void multiply(double[] y, int classes, double[] target) {
    Arrays.fill(target, 0, samples * classes, 0);
    double lambda = settings.lambda();
    if (settings.affinity() == Affinity.KNN) {
      multiplyNeighbours(y, classes, target);
    } else {
      // rbf and linear are symmetric already
      for (int i = 0; i < samples; i++) {
        for (int j = 0; j < samples; j++) {
          addRow(lambda * full[i * samples + j], y, j * classes, target, i * classes, classes);
        }
      }
    }
  }

  private void multiplyNeighbours(double[] y, int classes, double[] target) {
    boolean symmetric = settings.forceSymmetry();
    double weight = symmetric ? settings.lambda() / 2 : settings.lambda();
    for (int i = 0; i < samples; i++) {
      for (int k = 0; k < perSample; k++) {
        int j = neighbours[i * perSample + k];
        addRow(weight, y, j * classes, target, i * classes, classes);
        if (symmetric) {
          addRow(weight, y, i * classes, target, j * classes, classes);
        }
      }
    }
  }

  private static void addRow(
      double weight, double[] source, int from, double[] target, int to, int count) {
    for (int c = 0; c < count; c++) {
      target[to + c] += weight * source[from + c];
    }
  }
}
