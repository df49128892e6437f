package io.acclimate.continual.mamba;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.SeedTree;
import org.apache.commons.rng.UniformRandomProvider;

/**
 * A fixed classifier: a simplex equiangular tight frame, {@code E = sqrt(K / (K - 1)) U (I - 11ᵀ /
 * K)} with orthonormal columns U. Its K columns have length 1 and a cosine of {@code -1 / (K - 1)}
 * with each other, the largest angle that K directions can keep (Yang et al., ICLR 2023, arXiv
 * 2302.03004). Immutable.
 */
final class EtfHead {
  private final int size;
  private final int classes;
  private final double[] columns;

  private EtfHead(int size, int classes, double[] columns) {
    this.size = size;
    this.classes = classes;
    this.columns = columns;
  }

  /**
   * Draws a frame.
   *
   * @param size d, at least the number of classes
   * @param classes K, at least 2
   */
  static EtfHead drawn(int size, int classes, SeedTree seeds) {
    UniformRandomProvider random = seeds.generator();
    double[][] basis = new double[classes][size];
    for (double[] column : basis) {
      for (int i = 0; i < size; i++) {
        column[i] = random.nextDouble();
      }
    }
    for (int c = 0; c < classes; c++) {
      // the second time takes away what rounding left of the earlier columns
      removeEarlier(basis, c);
      removeEarlier(basis, c);
    }
    double[] flat = new double[size * classes];
    for (int i = 0; i < flat.length; i++) {
      flat[i] = basis[i % classes][i / classes];
    }
    return ofBasis(size, classes, flat);
  }

  private static void removeEarlier(double[][] basis, int c) {
    double[] column = basis[c];
    for (int earlier = 0; earlier < c; earlier++) {
      double share = dot(basis[earlier], column);
      for (int i = 0; i < column.length; i++) {
        column[i] -= share * basis[earlier][i];
      }
    }
    double length = Math.sqrt(dot(column, column));
    for (int i = 0; i < column.length; i++) {
      column[i] /= length;
    }
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  /**
   * The frame of a basis.
   *
   * @param basis U, {@code [size, classes]}, row by row
   */
  static EtfHead ofBasis(int size, int classes, double[] basis) {
    double[] columns = new double[basis.length];
    double factor = Math.sqrt(classes / (classes - 1.0));
    for (int i = 0; i < size; i++) {
      double mean = 0;
      for (int c = 0; c < classes; c++) {
        mean += basis[i * classes + c] / classes;
      }
      for (int c = 0; c < classes; c++) {
        columns[c * size + i] = factor * (basis[i * classes + c] - mean);
      }
    }
    return new EtfHead(size, classes, columns);
  }

  /**
   * A frame that was saved.
   *
   * @param columns as {@link #columns()}
   * @throws AcclimateException when their number does not fit
   */
  static EtfHead ofColumns(int size, int classes, double[] columns) {
    if (columns.length != size * classes) {
      throw new AcclimateException(
          "head: expected %d directions of size %d, found %d numbers"
              .formatted(classes, size, columns.length));
    }
    return new EtfHead(size, classes, columns.clone());
  }

  /** K. */
  int classes() {
    return classes;
  }

  /** The directions one after the other, {@code [classes, size]}; not to be written to. */
  double[] columns() {
    return columns;
  }

  /**
   * Scores a sample.
   *
   * @param features {@code [size]}
   * @param scores receives the cosines with the first {@code seen} directions
   * @param start where they start
   */
  void cosines(double[] features, int seen, double[] scores, int start) {
    double length = Math.max(Math.sqrt(dot(features, features)), Double.MIN_NORMAL);
    for (int c = 0; c < seen; c++) {
      double sum = 0;
      for (int i = 0; i < size; i++) {
        sum += features[i] * columns[c * size + i];
      }
      scores[start + c] = sum / length;
    }
  }
}
