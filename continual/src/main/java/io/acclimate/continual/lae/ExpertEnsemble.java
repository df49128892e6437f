package io.acclimate.continual.lae;

/**
 * How two experts answer together: each class scores the greater of the two softmax probabilities,
 * over all classes seen. Stateless.
 */
public final class ExpertEnsemble {
  private ExpertEnsemble() {}

  /**
   * Scores samples.
   *
   * @param online logits {@code [rows, classes]}, replaced by the scores; may be longer
   * @param offline logits {@code [rows, classes]}, overwritten; may be longer
   */
  public static void combine(double[] online, double[] offline, int rows, int classes) {
    for (int row = 0; row < rows; row++) {
      softmax(online, row * classes, classes);
      softmax(offline, row * classes, classes);
    }
    for (int i = 0; i < rows * classes; i++) {
      online[i] = Math.max(online[i], offline[i]);
    }
  }

  /** Replaces the logits of a row by their softmax. */
  static void softmax(double[] values, int start, int count) {
    double greatest = Double.NEGATIVE_INFINITY;
    for (int i = start; i < start + count; i++) {
      greatest = Math.max(greatest, values[i]);
    }
    double sum = 0;
    for (int i = start; i < start + count; i++) {
      values[i] = Math.exp(values[i] - greatest);
      sum += values[i];
    }
    for (int i = start; i < start + count; i++) {
      values[i] /= sum;
    }
  }
}
