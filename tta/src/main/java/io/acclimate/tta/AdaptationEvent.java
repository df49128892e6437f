package io.acclimate.tta;

/**
 * Something that a report should show of a method's life.
 *
 * @param kind what happened
 * @param subject what it is about: for {@link Kind#CHOICE} the method chosen, else empty
 * @param reason why, in words
 */
public record AdaptationEvent(Kind kind, String subject, String reason) {
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
