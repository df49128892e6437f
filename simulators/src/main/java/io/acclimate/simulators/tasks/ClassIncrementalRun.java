package io.acclimate.simulators.tasks;

import io.acclimate.bank.store.AdapterFiles;
import io.acclimate.continual.AdapterSource;
import io.acclimate.continual.Backbone;
import io.acclimate.continual.ContinualLearner;
import io.acclimate.continual.LabelledBatch;
import io.acclimate.continual.LearnResult;
import io.acclimate.continual.LearnerContext;
import io.acclimate.continual.TaskOutline;
import io.acclimate.continual.metrics.ContinualMetrics;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.ContentHash;
import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.graph.Specializer;
import io.acclimate.simulators.report.Machine;
import io.acclimate.simulators.train.ModelInputs;
import io.acclimate.tta.Rows;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.commons.rng.sampling.ArraySampler;

/** Lets every learner of a scenario meet its tasks, and measures it after each. */
public final class ClassIncrementalRun {

  private final ClassIncrementalScenario scenario;

  /** Prepares a run. */
  public ClassIncrementalRun(ClassIncrementalScenario scenario) {
    this.scenario = scenario;
  }

  /**
   * What one learner did with one seed.
   *
   * @param name its name in the scenario
   * @param accuracyMatrix shares, a row for each task learned, on the tasks seen by then
   * @param stageAccuracies after each task, on all classes seen
   * @param averageAccuracy their mean
   * @param lastAccuracy the last of them
   * @param forgetting from the best accuracy on each task
   * @param signedForgetting from the accuracy just after each task
   * @param backwardTransfer what tasks gained after their training
   * @param bytes beside the frozen model, after each task
   * @param bytesPerTask what a task added on average
   * @param forwardsPerPrediction passes of the model at the end
   */
  public record MethodResult(
      String name,
      double[][] accuracyMatrix,
      double[] stageAccuracies,
      double averageAccuracy,
      double lastAccuracy,
      double forgetting,
      double signedForgetting,
      double backwardTransfer,
      long[] bytes,
      double bytesPerTask,
      int forwardsPerPrediction) {}

  /**
   * One seed.
   *
   * @param tasks the names of each task's classes
   */
  public record SeedResult(long seed, List<List<String>> tasks, List<MethodResult> methods) {}

  /**
   * Runs all learners with all seeds.
   *
   * @return the content of {@code report.json}
   * @throws AcclimateException when model, data and learners do not fit, or a batch is refused
   */
  public Map<String, Object> run() {
    ModelInputs inputs = ModelInputs.read(scenario.data(), scenario.tokenizer(), scenario.tokens());
    byte[] bytes = scenario.model().read();
    Specializer model = Specializer.of(scenario.model().name(), bytes);
    String sha256 = ContentHash.sha256(bytes);
    AdapterSource adapters = file -> AdapterFiles.readFor(Path.of(file), sha256);
    Backbone backbone =
        inputs.backbone(
            model,
            scenario.batchSize(),
            scenario.features(),
            scenario.pooling(),
            scenario.options());
    List<SeedResult> runs = new ArrayList<>();
    for (long seed : scenario.seeds()) {
      SeedTree seeds = SeedTree.of(seed);
      TaskSequence sequence = new TaskSequence(inputs, backbone.graph(), scenario, seeds);
      List<MethodResult> methods = new ArrayList<>();
      scenario
          .methods()
          .forEach(
              (name, factory) -> {
                LearnerContext context =
                    new LearnerContext(backbone, seeds.child("learner"), adapters);
                methods.add(learn(name, factory.create(context), sequence, seeds));
              });
      List<List<String>> tasks =
          IntStream.range(0, sequence.tasks()).mapToObj(sequence::names).toList();
      runs.add(new SeedResult(seed, tasks, methods));
    }
    Map<String, Object> report = new LinkedHashMap<>();
    report.put("scenario", Map.of("name", scenario.name(), "settings", scenario.settings()));
    report.put("versions", Machine.versions());
    report.put("machine", Machine.describe());
    report.put("runs", runs);
    return report;
  }

  private MethodResult learn(
      String name, ContinualLearner created, TaskSequence sequence, SeedTree seeds) {
    int tasks = sequence.tasks();
    double[][] accuracy = new double[tasks][];
    long[] samples = new long[tasks];
    long[] bytes = new long[tasks];
    try (ContinualLearner learner = created) {
      for (int stage = 0; stage < tasks; stage++) {
        learn(name, learner, sequence, stage, seeds.child("order").child(stage));
        accuracy[stage] = new double[stage + 1];
        for (int task = 0; task <= stage; task++) {
          accuracy[stage][task] = accuracy(learner, sequence, task);
        }
        samples[stage] = sequence.heldOut(stage).length;
        bytes[stage] = learner.bytes();
      }
      ContinualMetrics metrics = new ContinualMetrics(accuracy, samples);
      return result(name, metrics, bytes, learner.forwardsPerPrediction());
    }
  }

  private static MethodResult result(
      String name, ContinualMetrics metrics, long[] bytes, int forwards) {
    int tasks = metrics.tasks();
    return new MethodResult(
        name,
        metrics.accuracyMatrix(),
        IntStream.range(0, tasks).mapToDouble(metrics::stageAccuracy).toArray(),
        metrics.averageAccuracy(),
        metrics.lastAccuracy(),
        metrics.forgetting(),
        metrics.signedForgetting(),
        metrics.backwardTransfer(),
        bytes,
        bytes[tasks - 1] / (double) tasks,
        forwards);
  }

  private void learn(
      String name, ContinualLearner learner, TaskSequence sequence, int task, SeedTree seeds) {
    int[] samples = sequence.training(learner.needsAllTasks() ? 0 : task, task);
    int perTask = sequence.classesPerTask();
    int size = scenario.batchSize();
    learner.beginTask(
        TaskOutline.ofRange(
            task * perTask, (task + 1) * perTask, (samples.length + size - 1) / size));
    for (int epoch = 0; epoch < learner.epochs(); epoch++) {
      ArraySampler.shuffle(seeds.child(epoch).generator(), samples);
      for (LabelledBatch batch : sequence.batches(samples, size)) {
        LearnResult result = learner.learn(batch);
        if (!result.applied()) {
          throw new AcclimateException(
              "method %s, task %d: %s".formatted(name, task, result.refusal()));
        }
      }
    }
    learner.endTask();
  }

  /** The share of a task's held-out samples that are told right among all classes seen. */
  private double accuracy(ContinualLearner learner, TaskSequence sequence, int task) {
    int classes = learner.classes();
    double[] scores = new double[scenario.batchSize() * classes];
    int[] samples = sequence.heldOut(task);
    int right = 0;
    for (LabelledBatch batch : sequence.batches(samples, scenario.batchSize())) {
      learner.predict(batch.inputs(), scores);
      int[] found = Rows.argmax(scores, batch.labels().length, classes);
      for (int row = 0; row < batch.labels().length; row++) {
        right += found[row] == batch.labels()[row] ? 1 : 0;
      }
    }
    return right / (double) samples.length;
  }

  /** Rows of a table for the terminal. */
  public static List<String[]> table(Map<String, Object> report) {
    List<String[]> rows = new ArrayList<>();
    rows.add(new String[] {"seed", "method", "last", "average", "forgetting", "forwards"});
    for (Object run : (List<?>) report.get("runs")) {
      SeedResult result = (SeedResult) run;
      for (MethodResult method : result.methods()) {
        rows.add(
            new String[] {
              Long.toString(result.seed()),
              method.name(),
              "%.2f".formatted(100 * method.lastAccuracy()),
              "%.2f".formatted(100 * method.averageAccuracy()),
              "%.2f".formatted(100 * method.forgetting()),
              Integer.toString(method.forwardsPerPrediction())
            });
      }
    }
    return rows;
  }
}
