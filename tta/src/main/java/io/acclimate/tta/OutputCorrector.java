package io.acclimate.tta;

/**
 * Corrects the output of a frozen model, batch by batch.
 *
 * <p>Not thread-safe: one corrector belongs to one stream. Deterministic: the same batches in the
 * same order give the same results.
 */
public interface OutputCorrector {
  /**
   * Corrects one batch.
   *
   * @param batch what the frozen model said
   * @param corrected receives the corrected probabilities, {@code [size, classes]} row by row; may
   *     be longer than that
   */
  void correct(OutputBatch batch, double[] corrected);

  /** Forgets everything learned from the stream: the corrector is then as new. */
  void reset();
}
