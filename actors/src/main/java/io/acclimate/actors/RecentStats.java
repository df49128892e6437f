package io.acclimate.actors;

import java.util.Arrays;
import java.util.OptionalDouble;

/**
 * How a stream looks of late: averages in which a sample's weight falls to 1/e after {@code
 * recent-samples} further ones.
 *
 * @param weight the sum of all weights, at most about {@code recent-samples}; 0 before the first
 *     sample, when the averages are 0 too
 * @param meanEntropy of the answers, in nats
 * @param disagreement the share of answers whose label is not the frozen model's, 0 to 1
 * @param labelDistribution the mean of the answered probabilities, {@code [classes]}: an estimate
 *     of how often each class comes
 * @param accuracy over samples with a label; empty without any
 */
public record RecentStats(
    double weight,
    double meanEntropy,
    double disagreement,
    double[] labelDistribution,
    OptionalDouble accuracy) {
  @Override
  public boolean equals(Object other) {
    return other instanceof RecentStats that
        && weight == that.weight
        && meanEntropy == that.meanEntropy
        && disagreement == that.disagreement
        && Arrays.equals(labelDistribution, that.labelDistribution)
        && accuracy.equals(that.accuracy);
  }

  @Override
  public int hashCode() {
    return Double.hashCode(meanEntropy) * 31 + Arrays.hashCode(labelDistribution);
  }
}
