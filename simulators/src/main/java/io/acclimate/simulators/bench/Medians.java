package io.acclimate.simulators.bench;

import java.util.Arrays;

/** Medians of figures that were measured in several rounds. */
final class Medians {
  private Medians() {}

  /** The middle value; of an even number the upper one of the two. The array is left as it is. */
  static double of(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
