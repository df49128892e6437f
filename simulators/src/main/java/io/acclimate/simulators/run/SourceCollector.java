package io.acclimate.simulators.run;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.FrozenModel;
import io.acclimate.runtime.LinearHead;
import io.acclimate.runtime.ModelRunner;
import io.acclimate.runtime.Rows;
import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.Tensor;
import io.acclimate.simulators.data.Dataset;
import io.acclimate.tta.DifferentiableModel;
import io.acclimate.tta.OutputBatch;
import io.acclimate.tta.SourceConsistency;
import io.acclimate.tta.SourceFisher;
import io.acclimate.tta.SourceLabelShift;
import io.acclimate.tta.SourceStatistics;
import io.acclimate.tta.gradient.ConsistencyTrainer;
import io.acclimate.tta.gradient.FisherCollector;
import io.acclimate.tta.labelshift.LabelShiftPlan;
import io.acclimate.tta.labelshift.LabelShiftTrainer;
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

  /**
   * Learns a label shift adapter, on the features of all samples.
   *
   * @param logits the model's output with the logits
   * @param features the model's output with the features
   * @throws AcclimateException when the samples do not fit the model, or its logits are not a
   *     linear layer of its features
   */
  public static SourceLabelShift labelShift(
      FrozenModel model, String logits, String features, Dataset data, LabelShiftPlan plan) {
    Simulation.requireFit(model, logits, data);
    model.requireOutput(features);
    LinearHead head =
        model
            .linearHead(logits, features)
            .orElseThrow(
                () ->
                    new AcclimateException(
                        "model %s: expected logits that are a linear layer of the features"
                            .formatted(model.name())));
    int size = head.featureSize();
    float[] all = features(model, features, size, data);
    UniformRandomProvider order = SeedTree.of(plan.seed()).child("order").generator();
    float[] rows = new float[plan.batchSize() * size];
    int[] labels = new int[plan.batchSize()];
    try (LabelShiftTrainer trainer =
        new LabelShiftTrainer(head, prior(data, head.classes()), plan)) {
      for (int step = 0; step < plan.steps(); step++) {
        for (int i = 0; i < labels.length; i++) {
          int place = order.nextInt(data.size());
          System.arraycopy(all, place * size, rows, i * size, size);
          labels[i] = data.label(place);
        }
        trainer.step(rows, labels);
      }
      return trainer.result();
    }
  }

  /** The features of all samples, {@code [samples, size]}. */
  private static float[] features(FrozenModel model, String output, int size, Dataset data) {
    float[] all = new float[Math.multiplyExact(data.size(), size)];
    try (ModelRunner runner = model.newRunner(List.of(output))) {
      SourceBatches batches = new SourceBatches(data, BATCH);
      for (int start = 0; start < data.size(); start += BATCH) {
        Tensor batch = batches.fill(start, Math.min(BATCH, data.size() - start));
        FloatBuffer values = runner.run(batch).get(output).floats();
        values.get(all, start * size, (int) batch.dim(0) * size);
      }
    }
    return all;
  }

  /** The share of each class; one sample of each is added, so none is 0. */
  private static double[] prior(Dataset data, int classes) {
    double[] prior = new double[classes];
    double share = 1.0 / (data.size() + classes);
    Arrays.fill(prior, share);
    for (int i = 0; i < data.size(); i++) {
      prior[data.label(i)] += share;
    }
    return prior;
  }

  private static double[] doubles(FloatBuffer values, int count) {
    double[] wide = new double[count];
    Arrays.setAll(wide, values::get);
    return wide;
  }

  private static double[] softmax(FloatBuffer logits, int rows, int columns) {
    double[] probabilities = doubles(logits, rows * columns);
    Rows.softmax(probabilities, rows, columns);
    return probabilities;
  }
}
