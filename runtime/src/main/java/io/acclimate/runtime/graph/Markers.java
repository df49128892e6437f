package io.acclimate.runtime.graph;

/**
 * Operators that say something about gradients and compute nothing. They stand in a graph until it
 * is written; a file has {@code Identity} in their place.
 */
public final class Markers {
  /** The operator set of the markers. */
  public static final String DOMAIN = "acclimate";

  /** Gives its input on; no gradient passes. */
  public static final String STOP_GRADIENT = DOMAIN + ".StopGradient";

  /** Gives its first input on; the gradient passes to the second one, which has the same type. */
  public static final String STRAIGHT_THROUGH = DOMAIN + ".StraightThrough";

  private Markers() {}
}
