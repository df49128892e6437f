package io.acclimate.continual.mos;

/** The logits of a linear head, in double. Stateless. */
final class HeadLogits {
  private HeadLogits() {}

  /**
   * Computes the logits of one sample.
   *
   * @param weights {@code [classes, size]}, row by row
   * @param biases {@code [classes]}
   * @param features the sample's are at {@code from} on
   * @param logits receives {@code [classes]}
   */
  static void compute(
      double[] weights, double[] biases, double[] features, int from, double[] logits) {
    int size = weights.length / biases.length;
    for (int label = 0; label < biases.length; label++) {
      double sum = biases[label];
      for (int i = 0; i < size; i++) {
        sum += weights[label * size + i] * features[from + i];
      }
      logits[label] = sum;
    }
  }
}
