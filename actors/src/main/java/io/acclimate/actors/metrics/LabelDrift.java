package io.acclimate.actors.metrics;

import io.acclimate.actors.Prediction;

/**
 * How far a stream's label distribution has moved: the total variation between a fast and a slow
 * exponential average of the answered probabilities. Thread-safe.
 */
public final class LabelDrift {
  private static final int SLOWER = 10;

  private final double fastSamples;
  private double[] fast = new double[0];
  private double[] slow = new double[0];
  private double fastWeight;
  private double slowWeight;

  /**
   * Starts without samples.
   *
   * @param fastSamples samples after which a sample's weight in the fast average is 1/e
   */
  public LabelDrift(int fastSamples) {
    this.fastSamples = fastSamples;
  }

  /** Takes a batch's answer in. */
  public synchronized void add(Prediction prediction) {
    int classes = prediction.classes();
    if (fast.length == 0) {
      fast = new double[classes];
      slow = new double[classes];
    }
    double keepFast = Math.exp(-prediction.size() / fastSamples);
    double keepSlow = Math.exp(-prediction.size() / (SLOWER * fastSamples));
    for (int c = 0; c < classes; c++) {
      double sum = 0;
      for (int i = 0; i < prediction.size(); i++) {
        sum += prediction.probabilities()[i * classes + c];
      }
      fast[c] = fast[c] * keepFast + sum;
      slow[c] = slow[c] * keepSlow + sum;
    }
    fastWeight = fastWeight * keepFast + prediction.size();
    slowWeight = slowWeight * keepSlow + prediction.size();
  }

  /** Half the sum of the differences, 0 to 1; 0 before the first sample. */
  public synchronized double value() {
    double sum = 0;
    for (int c = 0; c < fast.length; c++) {
      sum += Math.abs(fast[c] / fastWeight - slow[c] / slowWeight);
    }
    return sum / 2;
  }
}
