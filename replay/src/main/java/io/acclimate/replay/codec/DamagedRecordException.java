package io.acclimate.replay.codec;

import io.acclimate.runtime.AcclimateException;

/** Bytes that are no valid record: cut off, changed, or from a later version of the format. */
public class DamagedRecordException extends AcclimateException {
  private static final long serialVersionUID = 1L;

  /** Creates the error; the message says what was expected and found. */
  public DamagedRecordException(String message) {
    super(message);
  }

  /** Creates the error with what caused it. */
  public DamagedRecordException(String message, Throwable cause) {
    super(message, cause);
  }
}
