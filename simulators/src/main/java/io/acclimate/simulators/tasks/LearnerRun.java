package io.acclimate.simulators.tasks;

import io.acclimate.continual.Backbone;
import io.acclimate.continual.ContinualLearner;
import io.acclimate.continual.LabelledBatch;
import io.acclimate.continual.LearnResult;
import io.acclimate.continual.TaskOutline;
import io.acclimate.continual.metrics.ContinualMetrics;
import io.acclimate.runtime.SeedTree;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.BooleanSupplier;
import java.util.function.DoubleConsumer;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.apache.commons.rng.sampling.ArraySampler;

/** Lets one learner meet a plan, and measures it after each task. One run of one instance. */
final class LearnerRun {
  private final String name;
  private final ContinualLearner learner;
  private final Backbone backbone;
  private final TaskData data;
  private final TaskPlan plan;
  private final boolean taskIsTold;
  private final HeldOutJudge judge;
  private final BooleanSupplier stopped;
  private final double[][] accuracy;
  private final long[] bytes;
  private int stages;
  private String failure = "";

  /**
   * Prepares a run.
   *
   * @param taskIsTold whether predictions choose among the classes of the true task alone
   * @param stopped whether to end as soon as possible, asked before each batch
   */
  LearnerRun(
      String name,
      ContinualLearner learner,
      Backbone backbone,
      TaskData data,
      TaskPlan plan,
      boolean taskIsTold,
      BooleanSupplier stopped) {
    this.name = name;
    this.learner = learner;
    this.backbone = backbone;
    this.data = data;
    this.plan = plan;
    this.taskIsTold = taskIsTold;
    this.judge = new HeldOutJudge(learner, backbone, data, plan);
    this.stopped = stopped;
    this.accuracy = new double[plan.tasks().size()][];
    this.bytes = new long[plan.tasks().size()];
  }

  /**
   * Learns one window and measures the tasks that count as seen after it.
   *
   * @param seeds of the order
   * @param batchDone hears of each batch, with the accuracy of the last stage
   * @return false when the run was stopped or has failed; the window is not measured then
   */
  boolean learn(int window, SeedTree seeds, DoubleConsumer batchDone) {
    TaskPlan.Window now = plan.windows().get(window);
    if (!now.classes().isEmpty() && !learn(now, window, seeds, batchDone)) {
      return false;
    }
    for (int task = 0; task < bytes.length; task++) {
      if (plan.stageWindows()[task] == window) {
        measure(task);
      }
    }
    return true;
  }

  private boolean learn(TaskPlan.Window now, int window, SeedTree seeds, DoubleConsumer batchDone) {
    int[] items = learner.needsAllTasks() ? itemsUpTo(window) : now.items().clone();
    int size = backbone.batch();
    learner.beginTask(new TaskOutline(now.classes(), (items.length + size - 1) / size));
    for (int epoch = 0; epoch < learner.epochs(); epoch++) {
      ArraySampler.shuffle(seeds.child(epoch).generator(), items);
      for (int start = 0; start < items.length; start += size) {
        if (stopped.getAsBoolean()) {
          return false;
        }
        LearnResult result =
            learner.learn(batch(items, start, Math.min(items.length, start + size)));
        if (!result.applied()) {
          failure = "task %d: %s".formatted(window + 1, result.refusal());
          return false;
        }
        batchDone.accept(lastAccuracy());
      }
    }
    learner.endTask();
    return true;
  }

  private int[] itemsUpTo(int window) {
    return plan.windows().subList(0, window + 1).stream()
        .flatMapToInt(past -> Arrays.stream(past.items()))
        .toArray();
  }

  private LabelledBatch batch(int[] items, int start, int end) {
    return data.batch(backbone.graph(), plan.places(), items, start, end);
  }

  /** Why the learner could not go on: a batch was refused; {@code ""} when none was. */
  String failure() {
    return failure;
  }

  /** The accuracy on the tasks seen at the last stage; negative before the first. */
  double lastAccuracy() {
    return stages == 0 ? -1 : metrics().lastAccuracy();
  }

  /** Measures all tasks up to one, and the next one where its classes are known. */
  private void measure(int stage) {
    int seen = Math.min(bytes.length, stage + (plan.isClosedWorld() ? 2 : 1));
    accuracy[stage] = IntStream.range(0, seen).mapToDouble(this::accuracy).toArray();
    bytes[stage] = learner.bytes();
    stages = stage + 1;
  }

  /** The accuracy on each task before anything was learned but the names of the first classes. */
  double[] untrained() {
    learner.beginTask(new TaskOutline(plan.windows().get(0).classes(), 0));
    return IntStream.range(0, bytes.length).mapToDouble(this::accuracy).toArray();
  }

  private double accuracy(int task) {
    return taskIsTold ? judge.toldAccuracy(task) : judge.accuracy(task);
  }

  private ContinualMetrics metrics() {
    long[] samples = new long[stages];
    Arrays.setAll(samples, task -> plan.tasks().get(task).heldOut().length);
    double[][] rows =
        IntStream.range(0, stages)
            .mapToObj(
                stage -> Arrays.copyOf(accuracy[stage], Math.min(accuracy[stage].length, stages)))
            .toArray(double[][]::new);
    return new ContinualMetrics(rows, samples);
  }

  /** A share over the samples of all tasks seen; null where tasks do not differ by classes. */
  private Double ofLastStage(IntToDoubleFunction share) {
    if (!plan.tasksAreWindows()) {
      return null;
    }
    double right = 0;
    long samples = 0;
    for (int task = 0; task < stages; task++) {
      int count = plan.tasks().get(task).heldOut().length;
      right += count * share.applyAsDouble(task);
      samples += count;
    }
    return right / samples;
  }

  /**
   * What was measured.
   *
   * @param untrained see {@link #untrained()}, of another run; null where it is not known
   * @return empty when no stage was reached
   */
  Optional<ContinualReport.MethodResult> result(double[] untrained) {
    if (stages == 0) {
      return Optional.empty();
    }
    ContinualMetrics metrics = metrics();
    OptionalDouble forward =
        untrained == null
            ? OptionalDouble.empty()
            : metrics.forwardTransfer(Arrays.copyOf(untrained, stages));
    double[][] seen =
        IntStream.range(0, stages)
            .mapToObj(stage -> Arrays.copyOf(accuracy[stage], stage + 1))
            .toArray(double[][]::new);
    return Optional.of(
        new ContinualReport.MethodResult(
            name,
            seen,
            IntStream.range(0, stages).mapToDouble(metrics::stageAccuracy).toArray(),
            metrics.averageAccuracy(),
            metrics.lastAccuracy(),
            metrics.forgetting(),
            metrics.signedForgetting(),
            metrics.backwardTransfer(),
            forward.isPresent() ? forward.getAsDouble() : null,
            ofLastStage(judge::taskAccuracy),
            ofLastStage(judge::toldAccuracy),
            Arrays.copyOf(bytes, stages),
            bytes[stages - 1] / (double) stages,
            learner.parameterCount(),
            learner.forwardsPerPrediction()));
  }
}
