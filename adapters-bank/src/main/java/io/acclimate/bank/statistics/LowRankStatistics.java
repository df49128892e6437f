package io.acclimate.bank.statistics;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.state.StateReader;
import io.acclimate.runtime.state.StateWriter;

/**
 * Mean, the exact variance of each feature, and the strongest directions in which features vary
 * together.
 *
 * <p>The directions are those of frequent directions (Liberty, Simple and Deterministic Matrix
 * Sketching, KDD 2013): a sketch of at most {@code 2 rank} rows {@code B}, whose {@code B^T B}
 * never exceeds the sum of squares and falls short of it by at most its trace / rank. What falls
 * short on the diagonal is added back there. Exact for spreads of at most {@code rank} directions.
 */
final class LowRankStatistics extends FeatureStatistics {
  private final int rank;
  private final double[] squares;
  private final double[][] sketch;
  private int rows;

  LowRankStatistics(int dimension, int rank) {
    super(dimension);
    this.rank = Math.min(rank, dimension);
    this.squares = new double[dimension];
    this.sketch = new double[2 * this.rank][dimension];
  }

  @Override
  void addScatter(double[] difference, double weight) {
    if (weight == 0) {
      return;
    }
    double root = Math.sqrt(weight);
    double[] row = freeRow();
    for (int i = 0; i < row.length; i++) {
      row[i] = root * difference[i];
      squares[i] += row[i] * row[i];
    }
  }

  @Override
  void addScatter(FeatureStatistics other) {
    LowRankStatistics added = (LowRankStatistics) other;
    for (int i = 0; i < squares.length; i++) {
      squares[i] += added.squares[i];
    }
    for (int k = 0; k < added.rows; k++) {
      System.arraycopy(added.sketch[k], 0, freeRow(), 0, squares.length);
    }
  }

  private double[] freeRow() {
    if (rows == sketch.length) {
      rows = Matrices.shrink(sketch, rank);
    }
    return sketch[rows++];
  }

  @Override
  public double[] covariance(double ridge) {
    double[] covariance = Matrices.diagonal(residualVariances(ridge));
    int d = dimension();
    for (int k = 0; k < rows; k++) {
      for (int i = 0; i < d; i++) {
        for (int j = 0; j < d; j++) {
          covariance[i * d + j] += sketch[k][i] * sketch[k][j] * perDegreeOfFreedom();
        }
      }
    }
    return covariance;
  }

  /** The variance of each feature that the sketch does not explain. */
  private double[] residualVariances(double ridge) {
    double[] residuals = squares.clone();
    for (int k = 0; k < rows; k++) {
      for (int i = 0; i < residuals.length; i++) {
        residuals[i] -= sketch[k][i] * sketch[k][i];
      }
    }
    for (int i = 0; i < residuals.length; i++) {
      residuals[i] = Math.max(residuals[i], 0) * perDegreeOfFreedom() + ridge;
    }
    return residuals;
  }

  @Override
  public GaussianSampler sampler(double ridge) {
    double[][] directions = new double[rows][];
    double scale = Math.sqrt(perDegreeOfFreedom());
    for (int k = 0; k < rows; k++) {
      directions[k] = sketch[k].clone();
      for (int i = 0; i < dimension(); i++) {
        directions[k][i] *= scale;
      }
    }
    return GaussianSampler.ofDirections(mean(), directions, residualVariances(ridge));
  }

  @Override
  public long bytes() {
    return (long) Double.BYTES * dimension() * (2 + rows);
  }

  @Override
  public void save(StateWriter out) {
    super.save(out);
    double[] flat = new double[rows * dimension()];
    for (int k = 0; k < rows; k++) {
      System.arraycopy(sketch[k], 0, flat, k * dimension(), dimension());
    }
    out.putDoubles("squares", squares);
    out.putInt("rows", rows);
    out.putDoubles("sketch", flat);
  }

  @Override
  public void load(StateReader in) {
    super.load(in);
    System.arraycopy(in.getDoubles("squares", dimension()), 0, squares, 0, squares.length);
    int found = in.getInt("rows");
    double[] flat = in.getDoubles("sketch", found * dimension());
    if (found > sketch.length) {
      throw new AcclimateException(
          "expected a sketch of at most %d rows, found %d".formatted(sketch.length, found));
    }
    for (int k = 0; k < found; k++) {
      System.arraycopy(flat, k * dimension(), sketch[k], 0, dimension());
    }
    rows = found;
  }
}
