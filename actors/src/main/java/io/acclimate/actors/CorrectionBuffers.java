package io.acclimate.actors;

import io.acclimate.runtime.Rows;
import io.acclimate.runtime.Tensor;
import io.acclimate.tta.OutputBatch;

/** The arrays in which one stream's batches are corrected; reused while the batch size stays. */
final class CorrectionBuffers {
  private final int classes;
  private final int featureSize;
  private int size = -1;
  private double[] probabilities;
  private double[] features;
  private double[] corrected;

  CorrectionBuffers(ServedModel model) {
    this.classes = model.classes();
    this.featureSize = model.featureSize();
  }

  /** Turns logits into probabilities (softmax) and widens the features. */
  OutputBatch load(ModelOutput output, Tensor input, int[] labels) {
    if (output.size() != size) {
      size = output.size();
      probabilities = new double[size * classes];
      features = new double[size * featureSize];
      corrected = new double[size * classes];
    }
    for (int i = 0; i < size; i++) {
      softmaxRow(output.logits(), i * classes);
    }
    for (int k = 0; k < features.length; k++) {
      features[k] = output.features()[k];
    }
    return new OutputBatch(size, classes, featureSize, probabilities, features, labels, input);
  }

  private void softmaxRow(float[] logits, int row) {
    double max = Double.NEGATIVE_INFINITY;
    for (int c = 0; c < classes; c++) {
      max = Math.max(max, logits[row + c]);
    }
    double sum = 0;
    for (int c = 0; c < classes; c++) {
      double value = Math.exp(logits[row + c] - max);
      probabilities[row + c] = value;
      sum += value;
    }
    for (int c = 0; c < classes; c++) {
      probabilities[row + c] /= sum;
    }
  }

  double[] corrected() {
    return corrected;
  }

  int[] frozenLabels() {
    return Rows.argmax(probabilities, size, classes);
  }

  /** Throws when the method has left anything that is no probability. */
  void requireProbabilities() {
    for (int k = 0; k < corrected.length; k++) {
      if (!(corrected[k] >= 0 && corrected[k] <= 1 + 1e-6)) {
        throw new IllegalStateException(
            "answered %s in row %d, expected a probability".formatted(corrected[k], k / classes));
      }
    }
  }
}
