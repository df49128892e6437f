package io.acclimate.replay.memory;

import io.acclimate.runtime.AcclimateException;
import java.util.function.DoubleSupplier;

/**
 * RDTF's difficulty-adaptive curriculum: samples are drawn from easy to hard. At progress p a
 * sample of difficulty d is drawn with a probability in proportion to exp(-(d - t)^2 / width),
 * where t goes from the smallest to the largest difficulty at hand as p goes from 0 to 1.
 *
 * <p>The paper gives the rule in words; the bell curve and its width are choices of this project.
 * Immutable.
 *
 * @param width how far from the target difficulty samples are drawn, above 0
 */
public record Curriculum(double width) {
  /** Checks the width. */
  public Curriculum {
    if (!(width > 0)) {
      throw new AcclimateException("curriculum: expected a width above 0, found " + width);
    }
  }

  /**
   * The chances of samples to be drawn, up to a common factor; all above 0.
   *
   * @param difficulties finite
   * @param progress from 0 (easy samples) to 1 (hard samples)
   */
  public double[] chances(double[] difficulties, double progress) {
    if (!(progress >= 0 && progress <= 1)) {
      throw new AcclimateException("expected a progress from 0 to 1, found " + progress);
    }
    double min = Double.POSITIVE_INFINITY;
    double max = Double.NEGATIVE_INFINITY;
    for (double difficulty : difficulties) {
      min = Math.min(min, difficulty);
      max = Math.max(max, difficulty);
    }
    double target = min + progress * (max - min);
    double[] chances = new double[difficulties.length];
    for (int i = 0; i < chances.length; i++) {
      double away = difficulties[i] - target;
      // Far samples keep a chance, so that any number can be drawn.
      chances[i] = Math.max(Math.exp(-away * away / width), Double.MIN_NORMAL);
    }
    return chances;
  }

  /**
   * Draws one sample.
   *
   * @param chances at least 0, not all 0; 0 is never drawn
   * @param uniform gives a number from 0 (included) to 1
   * @return its index
   */
  public static int pick(double[] chances, DoubleSupplier uniform) {
    double total = 0;
    for (double chance : chances) {
      total += chance;
    }
    double at = uniform.getAsDouble() * total;
    int last = -1;
    for (int i = 0; i < chances.length; i++) {
      if (chances[i] > 0) {
        last = i;
        at -= chances[i];
        if (at < 0) {
          return i;
        }
      }
    }
    return last;
  }
}
