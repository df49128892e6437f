package io.acclimate.bank.statistics;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.state.StateReader;
import io.acclimate.runtime.state.StateWriter;
import io.acclimate.runtime.state.Stateful;
import java.util.Arrays;

/**
 * One vector for each of a growing number of classes, tasks or adapters, compared by cosine. Not
 * thread-safe; several threads may read while none writes.
 */
public final class Prototypes implements Stateful {
  private final int dimension;
  private double[] units = new double[0];
  private int size;

  /**
   * Starts without prototypes.
   *
   * @param dimension the number d of features
   */
  public Prototypes(int dimension) {
    this.dimension = dimension;
  }

  /** The number n of prototypes. */
  public int size() {
    return size;
  }

  /**
   * Adds or replaces a prototype.
   *
   * @param index from 0 to {@link #size()}; the latter adds one
   * @param features {@code [d]}, finite; only its direction counts, and zeros are alike to nothing
   */
  public void set(int index, double[] features) {
    requireDimension(features);
    if (index < 0 || index > size) {
      throw new AcclimateException(
          "expected a prototype from 0 to %d, found %d".formatted(size, index));
    }
    double length = length(features);
    if (!Double.isFinite(length)) {
      throw new AcclimateException("prototype " + index + ": expected finite features");
    }
    if (index == size) {
      if (units.length < (size + 1) * dimension) {
        units = Arrays.copyOf(units, Math.multiplyExact(Math.max(2 * size, 8), dimension));
      }
      size++;
    }
    for (int i = 0; i < dimension; i++) {
      units[index * dimension + i] = length > 0 ? features[i] / length : 0;
    }
  }

  /**
   * Compares features with all prototypes.
   *
   * @param features {@code [d]}
   * @param cosines receives the cosine with each, {@code [n]}; may be longer
   */
  public void cosines(double[] features, double[] cosines) {
    requireDimension(features);
    double length = length(features);
    for (int k = 0; k < size; k++) {
      cosines[k] = length > 0 ? dot(features, k * dimension) / length : 0;
    }
  }

  /**
   * The index of the nearest prototype; of equally near ones the first.
   *
   * @throws AcclimateException when there is none
   */
  public int nearest(double[] features) {
    requireDimension(features);
    if (size == 0) {
      throw new AcclimateException("expected at least one prototype, found none");
    }
    int best = 0;
    double greatest = Double.NEGATIVE_INFINITY;
    for (int k = 0; k < size; k++) {
      double product = dot(features, k * dimension);
      if (product > greatest) {
        greatest = product;
        best = k;
      }
    }
    return best;
  }

  /** A dot product in four independent sums, so that they can run side by side. */
  private double dot(double[] features, int start) {
    double a = 0;
    double b = 0;
    double c = 0;
    double d = 0;
    int i = 0;
    for (; i + 3 < dimension; i += 4) {
      a += features[i] * units[start + i];
      b += features[i + 1] * units[start + i + 1];
      c += features[i + 2] * units[start + i + 2];
      d += features[i + 3] * units[start + i + 3];
    }
    for (; i < dimension; i++) {
      a += features[i] * units[start + i];
    }
    return a + b + (c + d);
  }

  private static double length(double[] features) {
    double squares = 0;
    for (double feature : features) {
      squares += feature * feature;
    }
    return Math.sqrt(squares);
  }

  private void requireDimension(double[] features) {
    if (features.length != dimension) {
      throw new AcclimateException(
          "expected %d features, found %d".formatted(dimension, features.length));
    }
  }

  @Override
  public void save(StateWriter out) {
    out.putInt("size", size);
    out.putDoubles("units", Arrays.copyOf(units, size * dimension));
  }

  @Override
  public void load(StateReader in) {
    int found = in.getInt("size");
    units = in.getDoubles("units", found * dimension);
    size = found;
  }
}
