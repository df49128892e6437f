package io.acclimate.continual.conpet;

/**
 * How many new and old samples one step is made of: {@code old = ratio * new}, together at most the
 * rows of a batch. So the steps of a task depend on its own samples alone, not on the tasks before.
 *
 * @param newRows at least 1
 * @param oldRows at least 0
 */
record BatchMix(int newRows, int oldRows) {
  /** Rounding of a ratio such as 1 / 3 must not cost a row. */
  private static final double ROUNDING = 1e-9;

  /**
   * The mix of a full batch.
   *
   * @param batch the rows of a batch
   * @param ratio old samples for each new one, at least 0
   */
  static BatchMix of(int batch, double ratio) {
    int fresh = Math.max(1, (int) (batch / (1 + ratio) + ROUNDING));
    return new BatchMix(fresh, batch - fresh);
  }

  /** The old samples that go with some new ones, at most {@link #newRows}. */
  int oldFor(int fresh) {
    return fresh * oldRows / newRows;
  }
}
