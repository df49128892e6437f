package io.acclimate.replay.journal;

import io.acclimate.runtime.AcclimateException;

/** There is no room for another record. What was acknowledged before is kept. */
public class JournalFullException extends AcclimateException {
  private static final long serialVersionUID = 1L;

  /** Creates the error with what caused it. */
  public JournalFullException(String message, Throwable cause) {
    super(message, cause);
  }
}
