package io.acclimate.actors.serve;

/**
 * A request that is not served, with the HTTP status that says so; the message is for the client.
 */
final class RefusedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int status;

  RefusedException(int status, String message) {
    super(message);
    this.status = status;
  }

  int status() {
    return status;
  }
}
