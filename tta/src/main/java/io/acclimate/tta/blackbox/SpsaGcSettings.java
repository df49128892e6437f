package io.acclimate.tta.blackbox;

import io.acclimate.runtime.AcclimateException;

/**
 * How {@link SpsaGc} steps.
 *
 * @param offset o, added to the step in the rate; at least 0
 * @param width c, how far from the weights losses are taken; above 0
 * @param rate a; 0 leaves the weights as they are
 * @param rateDecay alpha, how fast the rate falls; at least 0
 * @param widthDecay gamma, how fast the width falls; at least 0
 * @param momentum b, 0 to below 1
 * @param averages estimates averaged in a step, at least 1; each takes two losses
 */
public record SpsaGcSettings(
    double offset,
    double width,
    double rate,
    double rateDecay,
    double widthDecay,
    double momentum,
    int averages) {
  /**
   * Checks the ranges.
   *
   * @throws AcclimateException when one is left
   */
  public SpsaGcSettings {
    boolean decays = offset >= 0 && rateDecay >= 0 && widthDecay >= 0;
    boolean steps = width > 0 && rate >= 0 && averages >= 1;
    if (!decays || !steps || !(momentum >= 0 && momentum < 1)) {
      throw new AcclimateException(
          ("SPSA-GC: expected offset, rate and decays of at least 0, width above 0, momentum 0 to"
                  + " below 1, averages of at least 1; found offset %s, rate %s, rate decay %s,"
                  + " width decay %s, width %s, momentum %s, averages %d")
              .formatted(offset, rate, rateDecay, widthDecay, width, momentum, averages));
    }
  }
}
