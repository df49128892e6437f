package io.acclimate.simulators.tasks;

import io.acclimate.simulators.report.Report;
import java.util.List;
import java.util.Map;

/**
 * The result of a scenario of continual learning; the content of {@code report.json}, documented in
 * {@code docs/report.md}.
 *
 * @param scenario the scenario with all its settings
 * @param versions library versions by name
 * @param model the frozen model
 * @param machine what it ran on
 * @param partial whether the run was stopped before its end
 * @param runs one per seed
 * @param summary each method over all seeds that it has finished
 */
public record ContinualReport(
    Report.ScenarioInfo scenario,
    Map<String, String> versions,
    Report.ModelInfo model,
    Map<String, Object> machine,
    boolean partial,
    List<SeedResult> runs,
    List<Summary> summary) {

  /**
   * One seed.
   *
   * @param seed the seed
   * @param tasks the tasks in order
   * @param windows what learners took for tasks, in order
   * @param methods the learners, each as far as it came
   * @param failures by learner, why it could not go on: the task, from 1, and the refused batch
   */
  public record SeedResult(
      long seed,
      List<TaskInfo> tasks,
      List<WindowInfo> windows,
      List<MethodResult> methods,
      Map<String, String> failures) {}

  /**
   * A true task.
   *
   * @param name its classes or its domain
   * @param classes the names of its classes
   * @param heldOut samples that judge
   * @param streamEnd samples of the stream up to its end
   * @param window the number, from 0, of the window after which it counts as seen
   */
  public record TaskInfo(
      String name, List<String> classes, int heldOut, int streamEnd, int window) {}

  /**
   * A stretch of time that learners took for a task.
   *
   * @param classes how many were announced
   * @param labelled samples that were learned
   * @param streamEnd samples of the stream up to its end
   */
  public record WindowInfo(int classes, int labelled, int streamEnd) {}

  /**
   * What one learner did with one seed.
   *
   * @param name its name in the scenario
   * @param accuracyMatrix shares, a row for each task learned, on the tasks seen by then
   * @param stageAccuracies after each task, on all tasks seen
   * @param averageAccuracy their mean
   * @param lastAccuracy the last of them
   * @param forgetting from the best accuracy on each task
   * @param signedForgetting from the accuracy just after each task
   * @param backwardTransfer what tasks gained after their training
   * @param forwardTransfer what tasks had gained just before their training; null where learners do
   *     not know their classes by then
   * @param taskAccuracy the share of samples for which a class of their own task is named, at the
   *     end; null where tasks do not differ by classes
   * @param toldAccuracy accuracy at the end when the task is told, by what the learner has for it;
   *     null where tasks do not differ by classes
   * @param bytes beside the frozen model, after each task
   * @param bytesPerTask what a task added on average
   * @param parameters values that were trained and are kept, at the end
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
      Double forwardTransfer,
      Double taskAccuracy,
      Double toldAccuracy,
      long[] bytes,
      double bytesPerTask,
      long parameters,
      int forwardsPerPrediction) {}

  /**
   * One learner over its seeds.
   *
   * @param name its name in the scenario
   * @param seeds how many were finished
   */
  public record Summary(
      String name, int seeds, Spread lastAccuracy, Spread averageAccuracy, Spread forgetting) {}

  /**
   * A figure over seeds.
   *
   * @param mean over the seeds
   * @param deviation the standard deviation of a sample; 0 for one seed
   */
  public record Spread(double mean, double deviation) {}
}
