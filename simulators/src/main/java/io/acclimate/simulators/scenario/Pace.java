package io.acclimate.simulators.scenario;

/**
 * How fast the batches of a stream come.
 *
 * @param interval time between two batches, in units of the frozen model's inference of one; 0: the
 *     next batch waits for the method; else at least 1
 * @param backwardCost time of a backward pass in the same unit, above 0
 */
public record Pace(double interval, double backwardCost) {
  /** The stream waits for every method. */
  public static final Pace WAITING = new Pace(0, 1);
}
