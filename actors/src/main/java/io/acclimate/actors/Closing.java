package io.acclimate.actors;

/**
 * Closes one thing after the other, whatever fails: the first failure is kept, and those after it
 * are suppressed by it. Not thread-safe.
 */
final class Closing {
  private RuntimeException first;

  /** Takes one step; a failure of it does not keep the next ones from being taken. */
  void attempt(Runnable step) {
    try {
      step.run();
    } catch (RuntimeException e) {
      failed(e);
    }
  }

  /** A step has failed. */
  void failed(RuntimeException cause) {
    if (first == null) {
      first = cause;
    } else if (first != cause) {
      first.addSuppressed(cause);
    }
  }

  /**
   * Ends the closing.
   *
   * @throws RuntimeException the first failure, if there was one
   */
  void finish() {
    if (first != null) {
      throw first;
    }
  }
}
