package io.acclimate.tta.auto;

import io.acclimate.tta.OutputBatch;
import io.acclimate.tta.SourceStatistics;

/**
 * How far the features of a batch are from those that the source's classes would give.
 *
 * <p>The mean feature of a batch is compared with the mean of the source's class means, each
 * weighted by the model's answers, so that other shares of the classes are no shift. Not
 * thread-safe.
 */
final class FeatureShift {
  private final int classes;
  private final double[] classMeans;
  private final double[] deviations;
  private final double[] answer;

  /** Compares with this source. */
  FeatureShift(SourceStatistics source) {
    classes = source.classes();
    classMeans = source.classMeans();
    deviations = source.featureDeviations();
    answer = new double[classes];
  }

  /**
   * The mean over the features of the squared distance, in units of the feature's variance in the
   * source; features that never vary there do not count. Not negative; chance gives about 1 in the
   * number of samples at most.
   */
  double of(OutputBatch batch) {
    int size = deviations.length;
    for (int c = 0; c < classes; c++) {
      answer[c] = mean(batch.probabilities(), classes, c, batch.size());
    }
    double sum = 0;
    int varying = 0;
    for (int f = 0; f < size; f++) {
      if (deviations[f] > 0) {
        double off = mean(batch.features(), size, f, batch.size());
        for (int c = 0; c < classes; c++) {
          off -= answer[c] * classMeans[c * size + f];
        }
        double scaled = off / deviations[f];
        sum += scaled * scaled;
        varying++;
      }
    }
    return varying == 0 ? 0 : sum / varying;
  }

  /** The mean of a column of {@code [n, columns]}. */
  private static double mean(double[] values, int columns, int column, int n) {
    double sum = 0;
    for (int i = 0; i < n; i++) {
      sum += values[i * columns + column];
    }
    return sum / n;
  }
}
