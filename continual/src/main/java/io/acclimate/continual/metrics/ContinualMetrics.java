package io.acclimate.continual.metrics;

import io.acclimate.runtime.AcclimateException;
import java.util.Arrays;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/**
 * Measures of a sequence of T tasks, from the accuracy on each task after each task. Accuracies are
 * shares or percent; the measures are in the same unit. Immutable.
 *
 * <p>A stage is the time after a task's training: stage i has seen tasks 0 to i.
 */
public final class ContinualMetrics {
  private final double[][] accuracy;
  private final long[] samples;

  /**
   * Takes the accuracies over.
   *
   * @param accuracy {@code [T][>= stage + 1]}: row i holds the accuracies after training task i, on
   *     tasks 0 to i at least; all finite
   * @param samples {@code [T]} the test samples of each task, at least 1
   * @throws AcclimateException when a row is short, a number is not finite or a task has no sample
   */
  public ContinualMetrics(double[][] accuracy, long[] samples) {
    if (accuracy.length == 0 || samples.length != accuracy.length) {
      throw new AcclimateException(
          "expected at least one task and the samples of each, found %d and %d"
              .formatted(accuracy.length, samples.length));
    }
    for (int i = 0; i < accuracy.length; i++) {
      if (accuracy[i].length <= i
          || accuracy[i].length > accuracy.length
          || samples[i] < 1
          || !Arrays.stream(accuracy[i]).allMatch(Double::isFinite)) {
        throw new AcclimateException(
            "stage %d: expected %d to %d finite accuracies and at least 1 sample, found %s and %d"
                .formatted(i, i + 1, accuracy.length, Arrays.toString(accuracy[i]), samples[i]));
      }
    }
    this.accuracy = Arrays.stream(accuracy).map(double[]::clone).toArray(double[][]::new);
    this.samples = samples.clone();
  }

  /** The tasks T. */
  public int tasks() {
    return accuracy.length;
  }

  /** A copy of the accuracies, {@code [stage][task]}. */
  public double[][] accuracyMatrix() {
    return Arrays.stream(accuracy).map(double[]::clone).toArray(double[][]::new);
  }

  /** The accuracy on all samples of the tasks seen at a stage. */
  public double stageAccuracy(int stage) {
    double right = 0;
    double all = 0;
    for (int task = 0; task <= stage; task++) {
      right += samples[task] * accuracy[stage][task];
      all += samples[task];
    }
    return right / all;
  }

  /** The mean of all stages' accuracies. */
  public double averageAccuracy() {
    return IntStream.range(0, tasks()).mapToDouble(this::stageAccuracy).average().orElseThrow();
  }

  /** The accuracy of the last stage. */
  public double lastAccuracy() {
    return stageAccuracy(tasks() - 1);
  }

  /**
   * Forgetting from the best: the mean over all tasks but the last of the greatest accuracy at any
   * stage that was measured, the last one included, minus that of the last stage. Never negative; 0
   * for one task. The convention of LAMDA-PILOT and Mammoth.
   */
  public double forgetting() {
    double[] last = accuracy[tasks() - 1];
    return IntStream.range(0, tasks() - 1)
        .mapToDouble(task -> best(task) - last[task])
        .average()
        .orElse(0);
  }

  /** Stages before a task was learned do not count. */
  private double best(int task) {
    return IntStream.range(task, tasks())
        .mapToDouble(stage -> accuracy[stage][task])
        .max()
        .orElseThrow();
  }

  /**
   * Forgetting since learning, at a stage: the mean over the earlier tasks of the accuracy just
   * after their training minus that of the stage. Negative where a task gained; 0 at the first
   * stage. The convention of Avalanche.
   */
  public double signedForgetting(int stage) {
    return IntStream.range(0, stage)
        .mapToDouble(task -> accuracy[task][task] - accuracy[stage][task])
        .average()
        .orElse(0);
  }

  /** {@link #signedForgetting(int)} of the last stage. */
  public double signedForgetting() {
    return signedForgetting(tasks() - 1);
  }

  /** Backward transfer: what tasks gained after their training, on average; 0 for one task. */
  public double backwardTransfer() {
    return 0 - signedForgetting();
  }

  /**
   * Forward transfer: how much better tasks are just before their training than without any
   * training, on average over all tasks but the first.
   *
   * @param untrained {@code [T]} the accuracy on each task before the first task's training
   * @return empty when there is one task, or the next task was not measured at each stage
   */
  public OptionalDouble forwardTransfer(double[] untrained) {
    if (untrained.length != tasks()) {
      throw new AcclimateException(
          "expected the untrained accuracy on %d tasks, found %d"
              .formatted(tasks(), untrained.length));
    }
    boolean measured =
        IntStream.range(1, tasks()).allMatch(task -> accuracy[task - 1].length > task);
    return measured
        ? IntStream.range(1, tasks())
            .mapToDouble(task -> accuracy[task - 1][task] - untrained[task])
            .average()
        : OptionalDouble.empty();
  }
}
