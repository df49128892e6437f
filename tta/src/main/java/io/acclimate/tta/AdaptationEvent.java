package io.acclimate.tta;

/**
 * Something that a report should show of a method's life.
 *
 * @param kind what happened
 * @param subject what it is about: for {@link Kind#CHOICE} the method chosen, else whose doing it
 *     was, one of {@link #CALLER}, {@link #PROTOCOL}, {@link #METHOD}, {@link #GUARD} and {@link
 *     #FAILURE}
 * @param reason why, in words
 */
public record AdaptationEvent(Kind kind, String subject, String reason) {
  /** A reset that was asked for. */
  public static final String CALLER = "caller";

  /** A reset that the method's protocol demands. */
  public static final String PROTOCOL = "protocol";

  /** A reset by a rule of the method itself, such as SAR's recovery. */
  public static final String METHOD = "method";

  /** A reset after an alarm of the guard. */
  public static final String GUARD = "guard";

  /** A reset because the method failed on a batch. */
  public static final String FAILURE = "failure";

  /** What happened. */
  public enum Kind {
    /** The method was made new. */
    RESET,
    /** The method went back to an earlier state. */
    ROLLBACK,
    /** Another of several methods speaks from here on. */
    CHOICE
  }
}
