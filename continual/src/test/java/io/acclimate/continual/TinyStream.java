package io.acclimate.continual;

import com.typesafe.config.ConfigFactory;
import io.acclimate.bank.pet.Pooling;
import io.acclimate.continual.metrics.ContinualMetrics;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.Device;
import io.acclimate.runtime.ModelOptions;
import io.acclimate.runtime.Rows;
import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.graph.ModelGraph;
import io.acclimate.runtime.testing.TestNetworks;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.commons.rng.UniformRandomProvider;

/** Three tasks of two classes for a transformer of two layers and batches of two samples. */
public final class TinyStream {
  public static final int TASKS = 3;
  public static final int CLASSES_PER_TASK = 2;
  private static final int PER_CLASS = 8;
  private static final int VALUES = TestNetworks.TOKENS * TestNetworks.WIDTH;
  private static final double NOISE = 0.25;

  private TinyStream() {}

  public static Backbone backbone() {
    ModelGraph graph = TestNetworks.preNormFused(DType.FLOAT32, 2);
    return new Backbone(graph, "features", Pooling.MEAN, "", new ModelOptions(Device.CPU, 1));
  }

  public static ContinualLearner learner(String name, String settings) {
    return LearnerProvider.read(name, ConfigFactory.parseString(settings))
        .create(new LearnerContext(backbone(), SeedTree.of(5)));
  }

  /** Settings that learn within seconds, for learners that tune modules. */
  public static String settings(String name) {
    return switch (name) {
      case "frozen-ncm" -> "";
      case "mamba-fscil" ->
          "size = 16, states = 4, rank = 2, max-classes = 8, base.epochs = 10, session.epochs = 10,"
              + "suppress = 1";
      default -> "modules { adapter { layers = [] } }, epochs = 5, rate = 0.02";
    };
  }

  /** Samples of a class around a pattern of its own. */
  public static float[] sample(int label, UniformRandomProvider noise) {
    UniformRandomProvider pattern = SeedTree.of(17).child(label).generator();
    float[] values = new float[VALUES];
    for (int i = 0; i < VALUES; i++) {
      values[i] = (float) (2 * pattern.nextDouble() - 1 + NOISE * (2 * noise.nextDouble() - 1));
    }
    return values;
  }

  public static Map<String, Tensor> inputs(List<float[]> samples) {
    Tensor tensor =
        Tensor.allocate(DType.FLOAT32, samples.size(), TestNetworks.TOKENS, TestNetworks.WIDTH);
    for (int row = 0; row < samples.size(); row++) {
      tensor.floats().put(row * VALUES, samples.get(row));
    }
    return Map.of("x", tensor);
  }

  /** All samples of a task as batches, in an order of its own for each seed. */
  public static List<LabelledBatch> batches(int task, long seed) {
    UniformRandomProvider random = SeedTree.of(seed).child(task).generator();
    List<LabelledBatch> batches = new ArrayList<>();
    for (int i = 0; i < PER_CLASS; i++) {
      List<float[]> samples = new ArrayList<>();
      int[] labels = new int[CLASSES_PER_TASK];
      for (int c = 0; c < CLASSES_PER_TASK; c++) {
        labels[c] = task * CLASSES_PER_TASK + c;
        samples.add(sample(labels[c], random));
      }
      batches.add(new LabelledBatch(inputs(samples), labels));
    }
    return batches;
  }

  public static TaskOutline outline(int task, int batches) {
    int first = task * CLASSES_PER_TASK;
    return TaskOutline.ofRange(first, first + CLASSES_PER_TASK, batches);
  }

  /** Begins a task and learns it, without ending it. */
  public static void learnWithoutEnd(ContinualLearner learner, int task) {
    List<LabelledBatch> batches = new ArrayList<>(batches(task, 1));
    for (int old = 0; old < task && learner.needsAllTasks(); old++) {
      batches.addAll(batches(old, 1));
    }
    learner.beginTask(outline(task, batches.size()));
    for (int epoch = 0; epoch < learner.epochs(); epoch++) {
      batches.forEach(learner::learn);
    }
  }

  public static void learn(ContinualLearner learner, int task) {
    learnWithoutEnd(learner, task);
    learner.endTask();
  }

  /** Learns all tasks and measures after each. */
  public static ContinualMetrics run(ContinualLearner learner) {
    double[][] accuracy = new double[TASKS][];
    for (int stage = 0; stage < TASKS; stage++) {
      learn(learner, stage);
      accuracy[stage] = new double[stage + 1];
      Arrays.setAll(accuracy[stage], task -> accuracy(learner, task));
    }
    long[] samples = new long[TASKS];
    Arrays.fill(samples, (long) PER_CLASS * CLASSES_PER_TASK);
    return new ContinualMetrics(accuracy, samples);
  }

  /** Share of a task's held-out samples that are told right among all classes. */
  public static double accuracy(ContinualLearner learner, int task) {
    int right = 0;
    int all = 0;
    double[] scores = new double[CLASSES_PER_TASK * learner.classes()];
    for (LabelledBatch batch : batches(task, 2)) {
      learner.predict(batch.inputs(), scores);
      for (int row = 0; row < batch.labels().length; row++) {
        int best = Rows.greatest(scores, row * learner.classes(), learner.classes());
        right += best == batch.labels()[row] ? 1 : 0;
        all++;
      }
    }
    return right / (double) all;
  }
}
