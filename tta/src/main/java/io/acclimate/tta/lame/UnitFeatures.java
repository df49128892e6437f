package io.acclimate.tta.lame;

import java.util.Arrays;

/**
 * The features of a batch, scaled to length 1, with the products and distances between samples.
 *
 * <p>Stored feature by feature, so that the loops over pairs run along memory and vectorise.
 */
final class UnitFeatures {
  private static final double MIN_NORM = 1e-12;

  private double[] columns = new double[0];
  private int samples;
  private int size;

  /** Takes {@code [n, d]} features, row by row, and divides each row by its Euclidean norm. */
  void load(double[] features, int n, int d) {
    samples = n;
    size = d;
    if (columns.length < n * d) {
      columns = new double[n * d];
    }
    for (int i = 0; i < n; i++) {
      double squares = 0;
      for (int f = 0; f < d; f++) {
        double value = features[i * d + f];
        squares += value * value;
      }
      double norm = Math.max(Math.sqrt(squares), MIN_NORM);
      for (int f = 0; f < d; f++) {
        columns[f * n + i] = features[i * d + f] / norm;
      }
    }
  }

  /** Writes the cosines of all pairs into {@code target}, {@code [n, n]}. */
  void products(double[] target) {
    Arrays.fill(target, 0, samples * samples, 0);
    for (int i = 0; i < samples; i++) {
      int row = i * samples;
      for (int f = 0; f < size; f++) {
        int column = f * samples;
        double value = columns[column + i];
        for (int j = i; j < samples; j++) {
          target[row + j] += value * columns[column + j];
        }
      }
    }
    mirror(target);
  }

  /** Writes the squared distances of all pairs into {@code target}, {@code [n, n]}. */
  void squaredDistances(double[] target) {
    Arrays.fill(target, 0, samples * samples, 0);
    for (int i = 0; i < samples; i++) {
      int row = i * samples;
      for (int f = 0; f < size; f++) {
        int column = f * samples;
        double value = columns[column + i];
        for (int j = i + 1; j < samples; j++) {
          double difference = value - columns[column + j];
          target[row + j] += difference * difference;
        }
      }
    }
    mirror(target);
  }

  private void mirror(double[] target) {
    for (int i = 0; i < samples; i++) {
      for (int j = i + 1; j < samples; j++) {
        target[j * samples + i] = target[i * samples + j];
      }
    }
  }
}
