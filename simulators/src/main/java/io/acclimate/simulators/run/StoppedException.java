package io.acclimate.simulators.run;

/** Work was told to end before it had a result; the command exits with 130. */
public final class StoppedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** The one there is. */
  public StoppedException() {
    super("interrupted");
  }
}
