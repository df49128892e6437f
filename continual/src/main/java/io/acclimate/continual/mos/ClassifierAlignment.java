package io.acclimate.continual.mos;

import io.acclimate.bank.statistics.ClassStatistics;
import io.acclimate.bank.statistics.GaussianSampler;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.graph.ValueType;
import io.acclimate.runtime.train.ParameterGroups;
import io.acclimate.runtime.train.ParameterSet;
import io.acclimate.runtime.train.Schedule;
import io.acclimate.runtime.train.Sgd;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.rng.UniformRandomProvider;
import org.apache.commons.rng.sampling.ArraySampler;
import org.apache.commons.rng.sampling.PermutationSampler;

/**
 * Trains a linear head alone, on features that were drawn for every class seen, so that classes of
 * different tasks can be compared: cross-entropy over all classes, SGD with momentum whose rate
 * falls along a cosine from epoch to epoch. Arithmetic is in double. Not thread-safe.
 */
final class ClassifierAlignment {
  private static final String WEIGHT = "weight";
  private static final String BIAS = "bias";

  private final AlignmentSettings settings;
  private final int classes;
  private final int size;
  private final ParameterSet head;
  private final ParameterSet gradients;
  private final Sgd optimizer;
  private final double[] weights;
  private final double[] weightSlopes;
  private final double[] biases;
  private final double[] biasSlopes;
  private final double[] logits;
  private int epoch;

  /**
   * Starts with a head.
   *
   * @param weights {@code [classes, size]}, row by row
   * @param biases {@code [classes]}
   */
  ClassifierAlignment(AlignmentSettings settings, double[] weights, double[] biases) {
    this.settings = settings;
    this.classes = biases.length;
    this.size = weights.length / classes;
    Map<String, ValueType> types = new LinkedHashMap<>();
    types.put(WEIGHT, ValueType.of(DType.FLOAT64, classes, size));
    types.put(BIAS, ValueType.of(DType.FLOAT64, classes));
    this.head = new ParameterSet(types);
    this.gradients = new ParameterSet(types);
    head.write(head.start(WEIGHT), weights, weights.length);
    head.write(head.start(BIAS), biases, classes);
    ParameterGroups groups =
        ParameterGroups.of(
            types.keySet(), new ParameterGroups.Group(1, settings.weightDecay(), true));
    this.optimizer = new Sgd(groups, settings.momentum(), false);
    this.weights = weights.clone();
    this.weightSlopes = new double[weights.length];
    this.biases = biases.clone();
    this.biasSlopes = new double[classes];
    this.logits = new double[classes];
  }

  /**
   * Draws features of all classes with statistics and learns them, epoch by epoch.
   *
   * @param seeds where the draws start
   */
  void run(ClassStatistics statistics, SeedTree seeds) {
    int[] known = statistics.labels().stream().mapToInt(Integer::intValue).toArray();
    if (known.length == 0) {
      return;
    }
    List<GaussianSampler> samplers = Arrays.stream(known).mapToObj(statistics::sampler).toList();
    for (int one = 0; one < settings.epochs(); one++) {
      UniformRandomProvider random = seeds.child(one).generator();
      int[] order = PermutationSampler.natural(known.length * settings.samples());
      ArraySampler.shuffle(random, order);
      double[] features = new double[order.length * size];
      int[] labels = new int[order.length];
      for (int k = 0; k < known.length; k++) {
        double[] drawn = samplers.get(k).sample(settings.samples(), random);
        for (int i = 0; i < settings.samples(); i++) {
          int row = order[k * settings.samples() + i];
          System.arraycopy(drawn, i * size, features, row * size, size);
          labels[row] = known[k];
        }
      }
      epoch(features, labels, known.length);
    }
  }

  /**
   * Goes once through features.
   *
   * @param features {@code [n, size]}, row by row, in an order at random
   * @param labels {@code [n]}
   * @param steps how many equal parts they are cut into, a step for each; a divisor of n
   * @return the loss before each step
   */
  double[] epoch(double[] features, int[] labels, int steps) {
    double rate = settings.rate() * Schedule.COSINE.factor(epoch, settings.epochs());
    double[] losses = new double[steps];
    int rows = labels.length / steps;
    for (int step = 0; step < steps; step++) {
      losses[step] = gradient(features, labels, step * rows, rows);
      gradients.write(gradients.start(WEIGHT), weightSlopes, weightSlopes.length);
      gradients.write(gradients.start(BIAS), biasSlopes, classes);
      optimizer.step(head, gradients, rate);
      head.read(head.start(WEIGHT), weights, weights.length);
      head.read(head.start(BIAS), biases, classes);
    }
    epoch++;
    return losses;
  }

  /** The mean cross-entropy of some rows; leaves its gradient in the slopes. */
  private double gradient(double[] features, int[] labels, int start, int rows) {
    Arrays.fill(weightSlopes, 0);
    Arrays.fill(biasSlopes, 0);
    double loss = 0;
    for (int row = start; row < start + rows; row++) {
      HeadLogits.compute(weights, biases, features, row * size, logits);
      loss -= logProbabilities(labels[row]);
      for (int label = 0; label < classes; label++) {
        double slope = (Math.exp(logits[label]) - (label == labels[row] ? 1 : 0)) / rows;
        biasSlopes[label] += slope;
        int at = label * size;
        for (int i = 0; i < size; i++) {
          weightSlopes[at + i] += slope * features[row * size + i];
        }
      }
    }
    return loss / rows;
  }

  /** Replaces the logits by logarithms of probabilities and gives that of one class. */
  private double logProbabilities(int label) {
    double greatest = Double.NEGATIVE_INFINITY;
    for (double logit : logits) {
      greatest = Math.max(greatest, logit);
    }
    double sum = 0;
    for (double logit : logits) {
      sum += Math.exp(logit - greatest);
    }
    double shift = greatest + Math.log(sum);
    for (int i = 0; i < logits.length; i++) {
      logits[i] -= shift;
    }
    return logits[label];
  }

  /** The weights as they are now, {@code [classes, size]}. */
  double[] weights() {
    return weights.clone();
  }

  /** The biases as they are now, {@code [classes]}. */
  double[] biases() {
    return biases.clone();
  }
}
