package io.acclimate.runtime;

/**
 * Bad input, found before anything was changed: a wrong shape, a NaN, an unknown name, a damaged
 * file. The message says what was expected, what was found and where; it is meant for the person
 * who gave the input.
 */
public class AcclimateException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Creates the error with a complete message. */
  public AcclimateException(String message) {
    super(message);
  }

  /** Creates the error with a complete message and what caused it. */
  public AcclimateException(String message, Throwable cause) {
    super(message, cause);
  }
}
