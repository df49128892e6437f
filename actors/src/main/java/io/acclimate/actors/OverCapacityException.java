package io.acclimate.actors;

/** A batch was rejected because too many are under way; nothing of it was kept. Send it later. */
public final class OverCapacityException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception. */
  public OverCapacityException(String message) {
    super(message);
  }
}
