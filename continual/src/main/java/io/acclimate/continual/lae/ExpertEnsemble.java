package io.acclimate.continual.lae;

import io.acclimate.runtime.Rows;

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
    Rows.softmax(online, rows, classes);
    Rows.softmax(offline, rows, classes);
    for (int i = 0; i < rows * classes; i++) {
      online[i] = Math.max(online[i], offline[i]);
    }
  }
}
