package io.acclimate.simulators.cli;

/** Work was ended by a {@link StopSignal} before it had a result; the command exits with 130. */
final class StoppedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  StoppedException() {
    super("interrupted");
  }
}
