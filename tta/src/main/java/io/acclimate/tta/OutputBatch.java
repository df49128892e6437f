package io.acclimate.tta;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.Tensor;

/**
 * What a frozen model said of one batch: the input of an {@link OutputCorrector}.
 *
 * <p>The arrays are shared, not copied; a corrector must not change them.
 *
 * @param size the number of samples, at least 1
 * @param classes the number of classes, at least 2
 * @param featureSize the number of features of a sample, 0 without features
 * @param probabilities {@code [size, classes]}, row by row; rows sum to 1
 * @param features {@code [size, featureSize]}, row by row
 * @param labels the true classes, {@code [size]}; null but for controls that need them
 * @param input what the model was shown, {@code [size, ...]}; null where it is not known. Methods
 *     that run the model themselves need it
 */
public record OutputBatch(
    int size,
    int classes,
    int featureSize,
    double[] probabilities,
    double[] features,
    int[] labels,
    Tensor input) {

  /**
   * Checks sizes and values.
   *
   * @throws AcclimateException when a size does not fit, a value is not finite, or a probability is
   *     negative
   */
  public OutputBatch {
    if (size < 1) {
      throw new AcclimateException("batch is empty: expected at least 1 sample");
    }
    if (classes < 2) {
      throw new AcclimateException("expected at least 2 classes, found " + classes);
    }
    requireLength("probabilities", probabilities.length, size, classes);
    requireLength("features", features.length, size, featureSize);
    requireFinite("probabilities", probabilities, classes, 0);
    requireFinite("features", features, featureSize, Double.NEGATIVE_INFINITY);
    if (labels != null && labels.length != size) {
      throw new AcclimateException("expected " + size + " labels, found " + labels.length);
    }
    if (input != null && (input.rank() == 0 || input.dim(0) != size)) {
      throw new AcclimateException("expected an input of " + size + " rows, found " + input);
    }
  }

  /** A batch whose input is not known. */
  public OutputBatch(
      int size,
      int classes,
      int featureSize,
      double[] probabilities,
      double[] features,
      int[] labels) {
    this(size, classes, featureSize, probabilities, features, labels, null);
  }

  /** The same samples with other probabilities, {@code [size, classes]}. */
  public OutputBatch withProbabilities(double[] others) {
    return with(others, features);
  }

  /** The same samples with other probabilities, {@code [size, classes]}, and other features. */
  public OutputBatch with(double[] otherProbabilities, double[] otherFeatures) {
    return new OutputBatch(
        size, classes, featureSize, otherProbabilities, otherFeatures, labels, input);
  }

  private static void requireLength(String what, int found, int rows, int columns) {
    if (found != (long) rows * columns) {
      throw new AcclimateException(
          "%s: expected %d x %d values, found %d".formatted(what, rows, columns, found));
    }
  }

  private static void requireFinite(String what, double[] values, int columns, double min) {
    for (int i = 0; i < values.length; i++) {
      if (!(values[i] >= min && values[i] < Double.POSITIVE_INFINITY)
          || values[i] == Double.NEGATIVE_INFINITY) {
        throw new AcclimateException(
            "%s: expected finite values%s, found %s in row %d, column %d"
                .formatted(
                    what, min == 0 ? " of at least 0" : "", values[i], i / columns, i % columns));
      }
    }
  }
}
