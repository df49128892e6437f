package io.acclimate.bank.statistics;

import io.acclimate.runtime.AcclimateException;
import java.util.Comparator;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.CholeskyDecomposition_F64;
import org.ejml.interfaces.decomposition.EigenDecomposition_F64;

/** The dense algebra that class statistics need. Single-threaded and deterministic. */
final class Matrices {
  private Matrices() {}

  /** A matrix {@code [d, d]} with these values on its diagonal. */
  static double[] diagonal(double[] values) {
    double[] matrix = new double[values.length * values.length];
    for (int i = 0; i < values.length; i++) {
      matrix[i * values.length + i] = values[i];
    }
    return matrix;
  }

  /**
   * The lower Cholesky factor of a symmetric matrix {@code [d, d]}.
   *
   * @throws AcclimateException when it is not positive definite
   */
  static double[] cholesky(double[] matrix, int dimension) {
    CholeskyDecomposition_F64<DMatrixRMaj> cholesky =
        DecompositionFactory_DDRM.chol(dimension, true);
    if (!cholesky.decompose(new DMatrixRMaj(dimension, dimension, true, matrix))) {
      throw new AcclimateException(
          "expected a positive definite covariance of %d features, found none; a larger ridge helps"
              .formatted(dimension));
    }
    return cholesky.getT(null).data;
  }

  /**
   * Shrinks a full sketch to fewer rows: its singular values lose the square of the one after the
   * last that is kept.
   *
   * @param sketch the rows; rewritten in place
   * @param kept how many rows may stay
   * @return how many rows are left
   */
  static int shrink(double[][] sketch, int kept) {
    EigenDecomposition_F64<DMatrixRMaj> eigen =
        DecompositionFactory_DDRM.eig(sketch.length, true, true);
    if (!eigen.decompose(gram(sketch))) {
      throw new IllegalStateException("a symmetric matrix of finite numbers has eigenvalues");
    }
    int[] order =
        IntStream.range(0, sketch.length)
            .boxed()
            .sorted(Comparator.comparingDouble(k -> -eigen.getEigenvalue(k).getReal()))
            .mapToInt(Integer::intValue)
            .toArray();
    double lost = Math.max(eigen.getEigenvalue(order[kept]).getReal(), 0);
    double[][] rows = new double[kept][];
    int left = 0;
    for (int k = 0; k < kept; k++) {
      double strength = eigen.getEigenvalue(order[k]).getReal();
      if (strength > lost) {
        double[] weights = eigen.getEigenVector(order[k]).data;
        rows[left++] = combine(weights, sketch, Math.sqrt((strength - lost) / strength));
      }
    }
    for (int k = 0; k < left; k++) {
      sketch[k] = rows[k];
    }
    return left;
  }

  private static DMatrixRMaj gram(double[][] rows) {
    DMatrixRMaj gram = new DMatrixRMaj(rows.length, rows.length);
    for (int i = 0; i < rows.length; i++) {
      for (int j = 0; j <= i; j++) {
        double product = 0;
        for (int k = 0; k < rows[i].length; k++) {
          product += rows[i][k] * rows[j][k];
        }
        gram.set(i, j, product);
        gram.set(j, i, product);
      }
    }
    return gram;
  }

  private static double[] combine(double[] weights, double[][] rows, double scale) {
    double[] sum = new double[rows[0].length];
    for (int k = 0; k < rows.length; k++) {
      double weight = scale * weights[k];
      for (int i = 0; i < sum.length; i++) {
        sum[i] += weight * rows[k][i];
      }
    }
    return sum;
  }
}
