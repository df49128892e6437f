package io.acclimate.actors;

/**
 * Counts how often a stream's agent was started anew with no batch answered in between, and says
 * when that is too often. Belongs to the agent and outlives its restarts. Not thread-safe.
 */
final class RestartLimit {
  private final int most;

  /** Agents that began since the last batch went all right, the present one among them. */
  private int begun;

  private String lastError = "see the log";

  /**
   * A limit.
   *
   * @param most restarts in a row
   */
  RestartLimit(int most) {
    this.most = most;
  }

  /** An agent begins; false when too many before it have failed. */
  boolean begin() {
    begun++;
    return begun - 1 <= most;
  }

  /** A batch was answered, and all that follows from it was done. */
  void passed() {
    begun = 1;
  }

  /** The agent fails. */
  void failed(Throwable cause) {
    lastError = cause.toString();
  }

  /** What is answered once the limit is reached. */
  StoppedException refusal(String stream) {
    return new StoppedException(
        "stream %s was stopped: its agent was started anew %d times in a row (runtime.restarts), the last error: %s"
            .formatted(stream, most, lastError));
  }
}
