package io.acclimate.continual.conpet;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.state.StateReader;
import io.acclimate.runtime.state.StateWriter;
import io.acclimate.runtime.state.Stateful;
import io.acclimate.runtime.train.ParameterSet;
import io.acclimate.runtime.train.Trainer;

/**
 * Elastic weight consolidation: the penalty {@code strength * sum_k 1/2 F_k (w - w_k)^2} over all
 * earlier tasks k, with their final values w_k and how much each mattered, F_k. Both sums are kept
 * added up, so memory does not grow with the tasks.
 *
 * <p>F_k is the mean, over the steps of the task's last pass, of the squared gradient of the loss
 * times the probability of the labels. Parameters may get further values at the end of a tensor
 * (rows of new classes): those are free at first. Kirkpatrick et al., PNAS 2017, arXiv 1612.00796.
 * Not thread-safe.
 */
final class ElasticConsolidation implements Stateful, Trainer.Penalty {
  private final double strength;
  private double[] fisher = new double[0];
  private double[] pull = new double[0];
  private double rest;
  private double[] squares = new double[0];
  private long collected;
  private boolean collecting;

  ElasticConsolidation(double strength) {
    this.strength = strength;
  }

  /** Whether the gradients of the steps from now on tell what matters to the open task. */
  void collect(boolean on) {
    collecting = on;
  }

  /**
   * Takes over values whose tensors have grown.
   *
   * @param before the parameters as they were; null when there were none
   * @param after those that follow, each at least as large
   */
  void grow(ParameterSet before, ParameterSet after) {
    fisher = grown(fisher, before, after);
    pull = grown(pull, before, after);
    squares = new double[after.size()];
    collected = 0;
  }

  private static double[] grown(double[] values, ParameterSet before, ParameterSet after) {
    double[] grown = new double[after.size()];
    if (before != null && values.length > 0) {
      for (String name : before.types().keySet()) {
        System.arraycopy(values, before.start(name), grown, after.start(name), before.size(name));
      }
    }
    return grown;
  }

  @Override
  public double add(ParameterSet parameters, ParameterSet gradients, double loss) {
    double value = rest;
    boolean collects = collecting && squares.length > 0;
    double probability = Math.exp(-loss);
    collected += collects ? 1 : 0;
    for (int i = 0; i < fisher.length; i++) {
      double slope = gradients.get(i);
      if (collects) {
        squares[i] += probability * slope * slope;
      }
      double weight = parameters.get(i);
      value += weight * (fisher[i] * weight - 2 * pull[i]);
      gradients.set(i, slope + strength * (fisher[i] * weight - pull[i]));
    }
    return strength * value / 2;
  }

  /** Ends a task: its values shall be kept from now on as far as they mattered. */
  void consolidate(ParameterSet values) {
    double[] mattered = squares.clone();
    for (int i = 0; i < mattered.length && collected > 0; i++) {
      mattered[i] /= collected;
    }
    consolidate(values, mattered);
    squares = new double[0];
    collected = 0;
  }

  /**
   * Adds a task.
   *
   * @param mattered F_k, {@code [values]}
   */
  void consolidate(ParameterSet values, double[] mattered) {
    if (mattered.length != values.size() || fisher.length != values.size()) {
      throw new AcclimateException(
          "consolidation: expected %d values, found %d".formatted(fisher.length, values.size()));
    }
    for (int i = 0; i < fisher.length; i++) {
      double value = values.get(i);
      fisher[i] += mattered[i];
      pull[i] += mattered[i] * value;
      rest += mattered[i] * value * value;
    }
  }

  @Override
  public void save(StateWriter out) {
    out.putDoubles("fisher", fisher);
    out.putDoubles("pull", pull);
    out.putDouble("rest", rest);
    out.putDoubles("squares", squares);
    out.putLong("collected", collected);
  }

  @Override
  public void load(StateReader in) {
    fisher = in.getDoubles("fisher");
    pull = in.getDoubles("pull", fisher.length);
    rest = in.getDouble("rest");
    squares = in.getDoubles("squares");
    collected = in.getLong("collected");
  }
}
