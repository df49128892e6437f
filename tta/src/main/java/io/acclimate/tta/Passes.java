package io.acclimate.tta;

/**
 * How often a method has run the model itself, beside the frozen model's own answer.
 *
 * @param forwards forward passes, those that a backward pass begins with included
 * @param backwards backward passes
 */
public record Passes(long forwards, long backwards) {
  /** None at all. */
  public static final Passes NONE = new Passes(0, 0);

  /** Both together. */
  public Passes plus(Passes other) {
    return new Passes(forwards + other.forwards, backwards + other.backwards);
  }

  /** What was added since an earlier count. */
  public Passes since(Passes earlier) {
    return new Passes(forwards - earlier.forwards, backwards - earlier.backwards);
  }
}
