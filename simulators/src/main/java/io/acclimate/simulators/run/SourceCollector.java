package io.acclimate.simulators.run;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.FrozenModel;
import io.acclimate.runtime.ModelRunner;
import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.Tensor;
import io.acclimate.simulators.data.Dataset;
import io.acclimate.tta.DifferentiableModel;
import io.acclimate.tta.OutputBatch;
import io.acclimate.tta.SourceConsistency;
import io.acclimate.tta.SourceFisher;
import io.acclimate.tta.SourceStatistics;
import io.acclimate.tta.gradient.ConsistencyTrainer;
import io.acclimate.tta.gradient.FisherCollector;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.commons.rng.UniformRandomProvider;

/** Runs a model on labelled source samples and collects their statistics. */
public final class SourceCollector {
  private static final int BATCH = 128;

  private SourceCollector() {}

  /**
   * Collects the statistics of all samples.
   *
   * @param logits the model's output with the logits
   * @param features the model's output with the features; may be missing
   * @throws AcclimateException when the samples do not fit the model
   */
  public static SourceStatistics collect(
      FrozenModel model, String logits, String features, Dataset data) {
    Simulation.requireFit(model, logits, data);
    boolean hasFeatures = model.outputs().containsKey(features);
    int classes = (int) model.requireOutput(logits).elementsPerRow();
    int size = hasFeatures ? (int) model.requireOutput(features).elementsPerRow() : 0;
    SourceStatistics statistics = new SourceStatistics(classes, size);
    List<String> outputs = hasFeatures ? List.of(logits, features) : List.of(logits);
    try (ModelRunner runner = model.newRunner(outputs)) {
      SourceBatches batches = new SourceBatches(data, BATCH);
      for (int start = 0; start < data.size(); start += BATCH) {
        Tensor batch = batches.fill(start, Math.min(BATCH, data.size() - start));
        int n = (int) batch.dim(0);
        int[] labels = new int[n];
        for (int i = 0; i < n; i++) {
          labels[i] = data.label(start + i);
        }
        Map<String, Tensor> answer = runner.run(batch);
        statistics.add(
            new OutputBatch(
                n,
                classes,
                size,
                softmax(answer.get(logits).floats(), n, classes),
                hasFeatures ? doubles(answer.get(features).floats(), n * size) : new double[0],
                labels));
      }
    }
    return statistics;
  }

  /**
   * Measures how much each weight matters to samples.
   *
   * @param logits the model's output with the logits
   * @param samples how many samples, from the first on
   * @param batchSize samples whose gradient is averaged
   * @throws AcclimateException when the samples do not fit the model
   */
  public static SourceFisher fisher(
      FrozenModel model, String logits, Dataset data, int samples, int batchSize) {
    Simulation.requireFit(model, logits, data);
    int count = Math.min(samples, data.size());
    SourceBatches batches = new SourceBatches(data, batchSize);
    try (FisherCollector collector =
        new FisherCollector(DifferentiableModel.of(model, logits, Optional.empty()))) {
      for (int start = 0; start < count; start += batchSize) {
        collector.add(batches.fill(start, Math.min(batchSize, count - start)));
      }
      return collector.result();
    }
  }

  /**
   * Learns ITTA's consistency loss.
   *
   * @param logits the model's output with the logits
   * @param features the model's output with the features
   * @throws AcclimateException when the samples do not fit the model, or it gives no features
   */
  public static SourceConsistency consistency(
      FrozenModel model, String logits, String features, Dataset data, ConsistencyPlan plan) {
    Simulation.requireFit(model, logits, data);
    int classes = (int) model.requireOutput(logits).elementsPerRow();
    int size = (int) model.requireOutput(features).elementsPerRow();
    SeedTree seeds = SeedTree.of(plan.seed()).child("consistency");
    UniformRandomProvider order = seeds.child("order").generator();
    SourceBatches batches = new SourceBatches(data, plan.batchSize());
    DifferentiableModel graph = DifferentiableModel.of(model, logits, Optional.of(features));
    try (ConsistencyTrainer trainer =
        new ConsistencyTrainer(graph, classes, size, plan.rate(), seeds.child("styles"))) {
      for (int step = 0; step < plan.steps(); step++) {
        int[] places = new int[Math.min(plan.batchSize(), data.size())];
        Arrays.setAll(places, i -> order.nextInt(data.size()));
        int[] labels = Arrays.stream(places).map(data::label).toArray();
        trainer.step(batches.fill(places), labels);
      }
      return trainer.result();
    }
  }

  /**
   * How a consistency loss is learned.
   *
   * @param steps the number of steps
   * @param batchSize samples of a step, drawn at random
   * @param rate the learning rate
   * @param seed the root of the draws
   */
  public record ConsistencyPlan(int steps, int batchSize, double rate, long seed) {}

  private static double[] doubles(FloatBuffer values, int count) {
    double[] wide = new double[count];
    Arrays.setAll(wide, values::get);
    return wide;
  }

  private static double[] softmax(FloatBuffer logits, int rows, int columns) {
    double[] p = doubles(logits, rows * columns);
    for (int row = 0; row < p.length; row += columns) {
      double max = Arrays.stream(p, row, row + columns).max().orElseThrow();
      double sum = 0;
      for (int k = row; k < row + columns; k++) {
        p[k] = Math.exp(p[k] - max);
        sum += p[k];
      }
      for (int k = row; k < row + columns; k++) {
        p[k] /= sum;
      }
    }
    return p;
  }
}
