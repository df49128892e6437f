package io.acclimate.actors.cluster;

/**
 * No node has answered a call in time. It is not known whether the stream has learned from its
 * batch.
 */
public final class NoAnswerException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  NoAnswerException(String message, Throwable cause) {
    super(message, cause);
  }
}
