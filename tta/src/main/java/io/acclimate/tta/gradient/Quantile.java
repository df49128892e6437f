package io.acclimate.tta.gradient;

/** Quantiles by selection: linear time on average, without sorting. */
final class Quantile {
  private Quantile() {}

  /**
   * The quantile with linear interpolation between neighbours.
   *
   * @param values at least one, none of them NaN; left in another order
   * @param share from 0 to below 1
   */
  static double of(double[] values, double share) {
    double place = share * (values.length - 1);
    int lower = (int) place;
    double low = select(values, lower);
    if (lower == place) {
      return low;
    }
    double high = Double.POSITIVE_INFINITY;
    for (int i = lower + 1; i < values.length; i++) {
      high = Math.min(high, values[i]);
    }
    return low + (high - low) * (place - lower);
  }

  /** Puts the value of this rank in its place, smaller ones before and larger ones behind it. */
  private static double select(double[] values, int rank) {
    int left = 0;
    int right = values.length - 1;
    while (left < right) {
      double pivot = values[(left + right) >>> 1];
      int i = left;
      int j = right;
      while (i <= j) {
        while (values[i] < pivot) {
          i++;
        }
        while (values[j] > pivot) {
          j--;
        }
        if (i <= j) {
          double swapped = values[i];
          values[i++] = values[j];
          values[j--] = swapped;
        }
      }
      if (rank <= j) {
        right = j;
      } else if (rank >= i) {
        left = i;
      } else {
        break;
      }
    }
    return values[rank];
  }
}
