package io.acclimate.tta.blackbox;

import io.acclimate.runtime.Rows;
import io.acclimate.tta.MethodContext;
import io.acclimate.tta.OutputBatch;
import io.acclimate.tta.SourceStatistics;

/**
 * How badly a model's answer to a batch fits the source, without labels; small is good: the summed
 * entropy, plus weight n / 64 times the squared distances of the features' means and standard
 * deviations (of n - 1 degrees of freedom) from the source's. Niu et al., FOA, ICML 2024, who take
 * the features of every layer; these are the model's features alone. Immutable and safe to share.
 */
public final class StreamFitness {
  private static final double REFERENCE_BATCH = 64;

  private final double weight;
  private final double[] means;
  private final double[] deviations;

  /**
   * A fitness.
   *
   * @param source statistics of the source
   * @param weight what the features count beside the entropy; 0 for the entropy alone
   */
  public StreamFitness(SourceStatistics source, double weight) {
    this.weight = weight;
    means = source.featureMeans();
    deviations = source.featureDeviations();
  }

  /**
   * A fitness with what a context knows of the source.
   *
   * @param context with statistics of the source, unless the weight is 0
   */
  static StreamFitness of(MethodContext context, double weight) {
    int size = weight == 0 ? 0 : context.featureSize();
    return new StreamFitness(
        context.source().orElseGet(() -> new SourceStatistics(context.classes(), size)), weight);
  }

  /** The fitness of the answer to a batch, in nats; at least 0. */
  public double of(OutputBatch answer) {
    double entropy = 0;
    for (int i = 0; i < answer.size(); i++) {
      entropy += Rows.entropy(answer.probabilities(), i * answer.classes(), answer.classes());
    }
    return weight == 0
        ? entropy
        : entropy + weight * answer.size() / REFERENCE_BATCH * distance(answer);
  }

  private double distance(OutputBatch answer) {
    double distance = 0;
    for (int f = 0; f < means.length; f++) {
      double mean = 0;
      for (int i = 0; i < answer.size(); i++) {
        mean += answer.features()[i * means.length + f] / answer.size();
      }
      double variance = 0;
      for (int i = 0; i < answer.size(); i++) {
        double off = answer.features()[i * means.length + f] - mean;
        variance += off * off / Math.max(1, answer.size() - 1);
      }
      double shift = mean - means[f];
      double spread = Math.sqrt(variance) - deviations[f];
      distance += shift * shift + spread * spread;
    }
    return distance;
  }
}
