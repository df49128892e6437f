package io.acclimate.tta.labelshift;

import io.acclimate.tta.OutputBatch;

/** What methods share that correct for a label distribution. */
public final class ClassPriors {
  private ClassPriors() {}

  /**
   * Lifts every share to at least a tenth of an even one, or to the source's where that is less,
   * and scales the sum to 1. The source's own distribution stays as it is.
   *
   * @param prior {@code [classes]}
   * @param source the label distribution of the source, {@code [classes]}
   */
  public static void clamp(double[] prior, double[] source) {
    int classes = prior.length;
    double floor = 1.0 / (10 * classes);
    double sum = 0;
    for (int c = 0; c < classes; c++) {
      prior[c] = Math.max(prior[c], Math.min(floor, source[c]));
      sum += prior[c];
    }
    for (int c = 0; c < classes; c++) {
      prior[c] /= sum;
    }
  }

  /**
   * Writes p target / source, normalised by rows: softmax of z + log(target / source). Where the
   * target rules out every class that a row allows, the row stays as it is.
   *
   * @param corrected {@code [size, classes]}; may be longer
   */
  public static void correct(
      OutputBatch batch, double[] source, double[] target, double[] corrected) {
    int classes = batch.classes();
    for (int i = 0; i < batch.size(); i++) {
      correctRow(batch.probabilities(), i * classes, source, target, corrected, i * classes);
    }
  }

  /** The same for one row. */
  static void correctRow(
      double[] from, int row, double[] source, double[] target, double[] to, int at) {
    int classes = source.length;
    double sum = 0;
    for (int c = 0; c < classes; c++) {
      double value = from[row + c] * target[c] / source[c];
      to[at + c] = value;
      sum += value;
    }
    for (int c = 0; c < classes; c++) {
      to[at + c] = sum > 0 ? to[at + c] / sum : from[row + c];
    }
  }
}
