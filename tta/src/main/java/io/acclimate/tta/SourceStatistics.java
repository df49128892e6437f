package io.acclimate.tta;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.state.StateReader;
import io.acclimate.runtime.state.StateWriter;
import io.acclimate.runtime.state.Stateful;

/**
 * What was learned of the source once, before deployment, from labelled source samples that the
 * model has seen: how often each class comes, the mean features of each class, the spread of the
 * features, and how the model answers for each class. Takes a few kilobytes and holds no sample.
 *
 * <p>Collected batch by batch with {@link #add}; saved as a {@link
 * io.acclimate.runtime.state.State}. Safe to share once collected.
 */
public final class SourceStatistics implements Stateful {
  private final int classes;
  private final int featureSize;
  private final double[] counts;
  private final double[] featureSums;
  private final double[] featureSquares;
  private final double[] answerSums;

  /** Empty statistics. */
  public SourceStatistics(int classes, int featureSize) {
    this.classes = classes;
    this.featureSize = featureSize;
    counts = new double[classes];
    featureSums = new double[classes * featureSize];
    featureSquares = new double[featureSize];
    answerSums = new double[classes * classes];
  }

  /**
   * Takes in one batch of source samples.
   *
   * @param batch with labels
   */
  public void add(OutputBatch batch) {
    int[] labels = batch.labels();
    if (labels == null || batch.classes() != classes || batch.featureSize() != featureSize) {
      throw new AcclimateException(
          "source statistics: expected labelled batches of %d classes and %d features"
              .formatted(classes, featureSize));
    }
    for (int i = 0; i < batch.size(); i++) {
      counts[labels[i]]++;
      for (int f = 0; f < featureSize; f++) {
        double value = batch.features()[i * featureSize + f];
        featureSums[labels[i] * featureSize + f] += value;
        featureSquares[f] += value * value;
      }
      for (int c = 0; c < classes; c++) {
        answerSums[labels[i] * classes + c] += batch.probabilities()[i * classes + c];
      }
    }
  }

  /** The number of classes. */
  public int classes() {
    return classes;
  }

  /** The number of features of a sample. */
  public int featureSize() {
    return featureSize;
  }

  /** The number of samples seen. */
  public long samples() {
    double sum = 0;
    for (double count : counts) {
      sum += count;
    }
    return (long) sum;
  }

  /** The share of each class, {@code [classes]}; one sample of each is added, so none is 0. */
  public double[] prior() {
    double[] prior = new double[classes];
    for (int c = 0; c < classes; c++) {
      prior[c] = (counts[c] + 1) / (samples() + classes);
    }
    return prior;
  }

  /** The mean features of each class, {@code [classes, featureSize]}; 0 for classes not seen. */
  public double[] classMeans() {
    double[] means = new double[featureSums.length];
    for (int k = 0; k < means.length; k++) {
      means[k] = featureSums[k] / Math.max(1, counts[k / featureSize]);
    }
    return means;
  }

  /** The mean of each feature, {@code [featureSize]}. */
  public double[] featureMeans() {
    double[] means = new double[featureSize];
    for (int k = 0; k < featureSums.length; k++) {
      means[k % featureSize] += featureSums[k] / Math.max(1, samples());
    }
    return means;
  }

  /** The standard deviation of each feature, {@code [featureSize]}. */
  public double[] featureDeviations() {
    double[] means = featureMeans();
    double[] deviations = new double[featureSize];
    for (int f = 0; f < featureSize; f++) {
      double variance = featureSquares[f] / Math.max(1, samples()) - means[f] * means[f];
      deviations[f] = Math.sqrt(Math.max(0, variance));
    }
    return deviations;
  }

  /** The variance of each feature inside of the classes, {@code [featureSize]}; not negative. */
  public double[] withinClassVariances() {
    double[] means = classMeans();
    double[] variances = new double[featureSize];
    for (int f = 0; f < featureSize; f++) {
      double between = 0;
      for (int c = 0; c < classes; c++) {
        double mean = means[c * featureSize + f];
        between += counts[c] * mean * mean;
      }
      variances[f] = Math.max(0, (featureSquares[f] - between) / Math.max(1, samples()));
    }
    return variances;
  }

  /** The model's mean answer to samples of each class, {@code [classes, classes]}. */
  public double[] meanAnswers() {
    double[] means = new double[answerSums.length];
    for (int k = 0; k < means.length; k++) {
      means[k] = answerSums[k] / Math.max(1, counts[k / classes]);
    }
    return means;
  }

  @Override
  public void save(StateWriter out) {
    out.putDoubles("class-counts", counts);
    out.putDoubles("feature-sums", featureSums);
    out.putDoubles("feature-squares", featureSquares);
    out.putDoubles("answer-sums", answerSums);
  }

  @Override
  public void load(StateReader in) {
    copy(in.getDoubles("class-counts", classes), counts);
    copy(in.getDoubles("feature-sums", classes * featureSize), featureSums);
    copy(in.getDoubles("feature-squares", featureSize), featureSquares);
    copy(in.getDoubles("answer-sums", classes * classes), answerSums);
  }

  private static void copy(double[] from, double[] to) {
    System.arraycopy(from, 0, to, 0, to.length);
  }
}
