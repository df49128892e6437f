package io.acclimate.actors;

/**
 * The stream's agent has failed too often in a row ({@code runtime.restarts}): all calls are
 * refused until the stream is closed and opened again. Asking again does not help.
 */
public final class StoppedException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  /** Says which stream, and its last error. */
  public StoppedException(String message) {
    super(message);
  }
}
