package io.acclimate.continual.tuning;

import io.acclimate.bank.statistics.ClassStatistics;
import io.acclimate.bank.statistics.StatisticsSettings;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.state.StateReader;
import io.acclimate.runtime.state.StateWriter;
import io.acclimate.runtime.state.Stateful;

/**
 * Gives new classes the mean of their unit features as weights, in a pass of its own before the
 * first step: a cosine head starts as the nearest class mean, so classes of different tasks stand
 * on one scale before any of them is trained (Qi et al., Low-Shot Learning with Imprinted Weights,
 * CVPR 2018, arXiv 1712.07136). Not thread-safe.
 */
final class Imprinting implements Stateful {
  private final ClassStatistics statistics;
  private int firstNew;
  private long batches;

  /**
   * A pass that has seen nothing.
   *
   * @param firstNew the first class whose weights are set; those before it stay
   * @param size the number of features
   */
  Imprinting(int firstNew, int size) {
    this.firstNew = firstNew;
    this.statistics = new ClassStatistics(StatisticsSettings.MEANS, size);
  }

  /** The batches seen. */
  long batches() {
    return batches;
  }

  /**
   * Counts a batch and writes the means of its new classes.
   *
   * @param features {@code [rows][size]}, of unit length
   * @param labels the class of each row, -1 for a row that does not count
   * @param weight of the head, {@code [classes, size]}
   */
  void add(double[][] features, int[] labels, Tensor weight) {
    for (int row = 0; row < labels.length; row++) {
      if (labels[row] >= firstNew) {
        statistics.add(labels[row], features[row]);
      }
    }
    for (int label : labels) {
      if (label >= firstNew) {
        write(statistics.of(label).mean(), weight, label);
      }
    }
    batches++;
  }

  private static void write(double[] mean, Tensor weight, int label) {
    for (int i = 0; i < mean.length; i++) {
      if (weight.type() == DType.FLOAT64) {
        weight.doubles().put(label * mean.length + i, mean[i]);
      } else {
        weight.floats().put(label * mean.length + i, (float) mean[i]);
      }
    }
  }

  @Override
  public void save(StateWriter out) {
    out.putInt("first-new", firstNew);
    out.putLong("batches", batches);
    out.put("statistics", statistics);
  }

  @Override
  public void load(StateReader in) {
    int loadedFirst = in.getInt("first-new");
    long loadedBatches = in.getLong("batches");
    in.get("statistics", statistics);
    firstNew = loadedFirst;
    batches = loadedBatches;
  }
}
