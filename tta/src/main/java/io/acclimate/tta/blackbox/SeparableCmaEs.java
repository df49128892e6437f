package io.acclimate.tta.blackbox;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.state.StateReader;
import io.acclimate.runtime.state.StateWriter;
import io.acclimate.runtime.state.Stateful;
import java.util.Arrays;
import java.util.Comparator;
import org.apache.commons.rng.sampling.distribution.SharedStateContinuousSampler;
import org.apache.commons.rng.sampling.distribution.ZigguratSampler;

/**
 * CMA-ES with a diagonal covariance: a seeded evolution strategy whose step takes time linear in
 * the dimension. Ros and Hansen, PPSN 2008; constants as in Hansen, arXiv 1604.00772, with the
 * learning rates of the covariance times (n + 2) / 3.
 *
 * <p>{@link #sample} gives the candidates of a generation, {@link #update} takes their values. Not
 * thread-safe; equal seeds and values give equal bits.
 */
public final class SeparableCmaEs implements Stateful {
  private final int population;
  private final double initialStep;
  private final SeedTree seeds;
  private final double[] recombination;
  private final double muEff;
  private final double[] mean;
  private final double[] variances;
  private final double[] stepPath;
  private final double[] shapePath;
  private final double[][] candidates;
  private double step;
  private int generation;

  /**
   * Creates a search from the origin.
   *
   * @param dimension at least 1
   * @param population candidates of a generation, at least 4
   * @param initialStep the first standard deviation; 0 keeps every candidate at the origin
   * @throws AcclimateException when one is out of range
   */
  public SeparableCmaEs(int dimension, int population, double initialStep, SeedTree seeds) {
    if (dimension < 1 || population < 4 || !(initialStep >= 0 && initialStep < 1e9)) {
      throw new AcclimateException(
          "CMA-ES: expected a dimension of at least 1, at least 4 candidates and a step of 0 to"
              + " 1e9, found %d, %d and %s".formatted(dimension, population, initialStep));
    }
    this.population = population;
    this.initialStep = initialStep;
    this.seeds = seeds;
    recombination = new double[population / 2];
    Arrays.setAll(recombination, i -> Math.log((population + 1) / 2.0) - Math.log(i + 1));
    double sum = Arrays.stream(recombination).sum();
    Arrays.setAll(recombination, i -> recombination[i] / sum);
    muEff = 1 / Arrays.stream(recombination).map(w -> w * w).sum();
    mean = new double[dimension];
    variances = new double[dimension];
    stepPath = new double[dimension];
    shapePath = new double[dimension];
    candidates = new double[population][dimension];
    reset();
  }

  /** Back to the first generation. */
  public void reset() {
    Arrays.fill(mean, 0);
    Arrays.fill(variances, 1);
    Arrays.fill(stepPath, 0);
    Arrays.fill(shapePath, 0);
    step = initialStep;
    generation = 0;
  }

  /** The candidates of this generation, {@code [population][dimension]}; not to be written to. */
  public double[][] sample() {
    SharedStateContinuousSampler normal =
        ZigguratSampler.NormalizedGaussian.of(seeds.child(generation).generator());
    for (double[] candidate : candidates) {
      for (int i = 0; i < mean.length; i++) {
        candidate[i] = mean[i] + step * Math.sqrt(variances[i]) * normal.sample();
      }
    }
    return candidates;
  }

  /**
   * Moves on to the next generation.
   *
   * @param values the finite value of each candidate of the last {@link #sample}; small is good
   * @throws AcclimateException when a value is missing or not finite; nothing has changed then
   */
  public void update(double[] values) {
    if (values.length != population || !Arrays.stream(values).allMatch(Double::isFinite)) {
      throw new AcclimateException(
          "CMA-ES, generation %d: expected %d finite values, found %s"
              .formatted(generation, population, Arrays.toString(values)));
    }
    generation++;
    if (step == 0) {
      return;
    }
    Integer[] order = new Integer[population];
    Arrays.setAll(order, i -> i);
    Arrays.sort(order, Comparator.comparingDouble(i -> values[i]));
    int n = mean.length;
    double[] moves = new double[n];
    double[] spreads = new double[n];
    for (int k = 0; k < recombination.length; k++) {
      for (int i = 0; i < n; i++) {
        double move = (candidates[order[k]][i] - mean[i]) / step;
        moves[i] += recombination[k] * move;
        spreads[i] += recombination[k] * move * move;
      }
    }
    double stepRate = (muEff + 2) / (n + muEff + 5);
    double length = followStep(moves, stepRate);
    double expected = Math.sqrt(n) * (1 - 1 / (4.0 * n) + 1 / (21.0 * n * n));
    double started = Math.sqrt(1 - Math.pow(1 - stepRate, 2.0 * generation));
    adaptShape(moves, spreads, length / started >= (1.4 + 2 / (n + 1.0)) * expected);
    for (int i = 0; i < n; i++) {
      mean[i] += step * moves[i];
    }
    double damping = 1 + 2 * Math.max(0, Math.sqrt((muEff - 1) / (n + 1)) - 1) + stepRate;
    step *= Math.exp(stepRate / damping * (length / expected - 1));
  }

  /** Adds a move to the path that steers the step; returns the path's length. */
  private double followStep(double[] moves, double rate) {
    double gain = Math.sqrt(rate * (2 - rate) * muEff);
    double squares = 0;
    for (int i = 0; i < moves.length; i++) {
      stepPath[i] = (1 - rate) * stepPath[i] + gain * moves[i] / Math.sqrt(variances[i]);
      squares += stepPath[i] * stepPath[i];
    }
    return Math.sqrt(squares);
  }

  /** Learns the variances; the shape's path stands still while the step grows fast. */
  private void adaptShape(double[] moves, double[] spreads, boolean growing) {
    int n = moves.length;
    double rate = (4 + muEff / n) / (n + 4 + 2 * muEff / n);
    double faster = (n + 2) / 3.0;
    double rankOne = Math.min(1, faster * 2 / ((n + 1.3) * (n + 1.3) + muEff));
    double rankMu = faster * 2 * (muEff - 2 + 1 / muEff) / ((n + 2.0) * (n + 2.0) + muEff);
    rankMu = Math.min(1 - rankOne, rankMu);
    double gain = growing ? 0 : Math.sqrt(rate * (2 - rate) * muEff);
    double kept = 1 - rankOne - rankMu + (growing ? rankOne * rate * (2 - rate) : 0);
    for (int i = 0; i < n; i++) {
      shapePath[i] = (1 - rate) * shapePath[i] + gain * moves[i];
      variances[i] =
          kept * variances[i] + rankOne * shapePath[i] * shapePath[i] + rankMu * spreads[i];
    }
  }

  /** The centre of the search, {@code [dimension]}; a copy. */
  public double[] mean() {
    return mean.clone();
  }

  @Override
  public void save(StateWriter out) {
    out.putInt("generation", generation);
    out.putDouble("step", step);
    out.putDoubles("mean", mean);
    out.putDoubles("variances", variances);
    out.putDoubles("step-path", stepPath);
    out.putDoubles("shape-path", shapePath);
  }

  @Override
  public void load(StateReader in) {
    int n = mean.length;
    int loadedGeneration = in.getInt("generation");
    double loadedStep = in.getDouble("step");
    double[][] loaded = {
      in.getDoubles("mean", n), in.getDoubles("variances", n),
      in.getDoubles("step-path", n), in.getDoubles("shape-path", n)
    };
    generation = loadedGeneration;
    step = loadedStep;
    System.arraycopy(loaded[0], 0, mean, 0, n);
    System.arraycopy(loaded[1], 0, variances, 0, n);
    System.arraycopy(loaded[2], 0, stepPath, 0, n);
    System.arraycopy(loaded[3], 0, shapePath, 0, n);
  }
}
