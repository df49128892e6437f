package io.acclimate.continual.shift;

import io.acclimate.runtime.state.StateReader;
import io.acclimate.runtime.state.StateWriter;
import io.acclimate.runtime.state.Stateful;
import java.util.Arrays;

/** Number, mean and total scatter of samples of features, merged as in Chan et al. (1979). */
final class FeatureMoments implements Stateful {
  private final double[] mean;
  private long count;
  private double scatter;

  FeatureMoments(int size) {
    this.mean = new double[size];
  }

  long count() {
    return count;
  }

  /** The sum of all features' variances. */
  double totalVariance() {
    return scatter / Math.max(1, count - 1);
  }

  void clear() {
    Arrays.fill(mean, 0);
    count = 0;
    scatter = 0;
  }

  void add(double[] sample) {
    count++;
    for (int i = 0; i < mean.length; i++) {
      double difference = sample[i] - mean[i];
      mean[i] += difference / count;
      scatter += difference * (sample[i] - mean[i]);
    }
  }

  void addAll(FeatureMoments other) {
    if (other.count == 0) {
      return;
    }
    long all = count + other.count;
    scatter += other.scatter + squaredDistance(other) * count * other.count / all;
    for (int i = 0; i < mean.length; i++) {
      mean[i] += (other.mean[i] - mean[i]) * other.count / all;
    }
    count = all;
  }

  /** Between the means. */
  double squaredDistance(FeatureMoments other) {
    double sum = 0;
    for (int i = 0; i < mean.length; i++) {
      sum += Math.pow(other.mean[i] - mean[i], 2);
    }
    return sum;
  }

  @Override
  public void save(StateWriter out) {
    out.putDoubles("mean", mean);
    out.putLong("count", count);
    out.putDouble("scatter", scatter);
  }

  @Override
  public void load(StateReader in) {
    double[] loaded = in.getDoubles("mean", mean.length);
    count = in.getLong("count");
    scatter = in.getDouble("scatter");
    System.arraycopy(loaded, 0, mean, 0, mean.length);
  }
}
