package io.acclimate.actors;

/**
 * No node of a cluster has answered a call in time. It is not known whether the stream has learned
 * from its batch.
 */
public final class NoAnswerException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Says of which stream, and what was heard last. */
  public NoAnswerException(String message, Throwable cause) {
    super(message, cause);
  }
}
