package io.acclimate.tta.auto;

import io.acclimate.tta.OutputBatch;
import io.acclimate.tta.SourceStatistics;

/**
 * How far the features of a batch are from those that the source's classes would give.
 *
 * <p>Each sample's features are compared with the source's class means, weighted by the model's
 * answer, so that other shares of the classes are no shift; and sample by sample, so that a part of
 * the batch is enough. Not thread-safe.
 */
final class FeatureShift {
  /** Answers below this are not worth a class mean. */
  private static final double NEGLIGIBLE = 1e-6;

  private final int classes;
  private final double[] classMeans;
  private final double[] variances;
  private final double[] off;

  /** Compares with this source. */
  FeatureShift(SourceStatistics source) {
    classes = source.classes();
    classMeans = source.classMeans();
    variances = source.withinClassVariances();
    off = new double[variances.length];
  }

  /**
   * The mean over samples and features of the squared distance, in units of the variance that the
   * feature has inside of the source's classes; features without any do not count. Not negative;
   * source samples whose answers are right give 1.
   */
  double of(OutputBatch batch) {
    double sum = 0;
    for (int i = 0; i < batch.size(); i++) {
      sum += ofSample(batch, i);
    }
    return sum / batch.size();
  }

  private double ofSample(OutputBatch batch, int i) {
    int size = variances.length;
    System.arraycopy(batch.features(), i * size, off, 0, size);
    for (int c = 0; c < classes; c++) {
      double answer = batch.probabilities()[i * classes + c];
      if (answer >= NEGLIGIBLE) {
        for (int f = 0; f < size; f++) {
          off[f] -= answer * classMeans[c * size + f];
        }
      }
    }
    double sum = 0;
    int varying = 0;
    for (int f = 0; f < size; f++) {
      if (variances[f] > 0) {
        sum += off[f] * off[f] / variances[f];
        varying++;
      }
    }
    return varying == 0 ? 0 : sum / varying;
  }
}
