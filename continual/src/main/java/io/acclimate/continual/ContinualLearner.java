package io.acclimate.continual;

import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.state.Stateful;
import java.util.Map;
import java.util.Optional;

/**
 * Learns one task after the other from labelled samples, and tells all classes seen so far apart
 * without being told the task.
 *
 * <p>A task is {@link #beginTask}, any number of {@link #learn}, {@link #endTask}; between them the
 * caller goes {@link #epochs} times through the task's samples. Predictions may be asked for at any
 * time once there are classes, and change nothing.
 *
 * <p>Not thread-safe. Deterministic: the same calls in the same order give the same bits. Its whole
 * state is saved and loaded, in the middle of a task too.
 */
public interface ContinualLearner extends Stateful, AutoCloseable {
  /** How often the caller should go through the samples of a task, at least 1. */
  int epochs();

  /**
   * Whether each task's samples should be handed over together with those of all earlier tasks: a
   * ceiling, since nothing can be forgotten then.
   */
  default boolean needsAllTasks() {
    return false;
  }

  /**
   * Begins a task; new classes may appear with it.
   *
   * @throws io.acclimate.runtime.AcclimateException when a task is open or the outline does not
   *     continue the classes; nothing has changed then
   */
  void beginTask(TaskOutline outline);

  /**
   * Learns one batch of the open task. A batch whose loss or gradient is not finite, or of which no
   * row counts, is refused: nothing is learned of it, and the result says so. It still is one of
   * the batches of its pass.
   *
   * @throws io.acclimate.runtime.AcclimateException when no task is open, a label is not of the
   *     task, or the inputs do not fit the model; nothing has changed then
   */
  LearnResult learn(LabelledBatch batch);

  /**
   * Ends the open task.
   *
   * @throws io.acclimate.runtime.AcclimateException when none is open
   */
  void endTask();

  /** The classes seen so far, those of the open task included. */
  int classes();

  /** The tasks that were ended. */
  int tasks();

  /**
   * Scores samples. Learns nothing: the state is the same after.
   *
   * @param inputs a tensor for each input of the model, all of the same number of rows, any number
   * @param scores receives {@code [rows, classes]}, row by row: the larger, the likelier within a
   *     row; may be longer
   * @throws io.acclimate.runtime.AcclimateException when there are no classes yet or the inputs do
   *     not fit the model
   */
  void predict(Map<String, Tensor> inputs, double[] scores);

  /**
   * Scores samples whose task is told, as an oracle would: a learner that chooses modules for each
   * sample takes those of the task. Only the scores of the task's classes compare then. Learners
   * without modules of a task's own score as {@link #predict(Map, double[])} does.
   *
   * @param inputs a tensor for each input of the model, all of the same number of rows, any number
   * @param task the number of the task, from 0, among those that brought new classes
   * @param scores receives {@code [rows, classes]}, row by row; may be longer
   * @throws io.acclimate.runtime.AcclimateException as {@link #predict(Map, double[])}, and by
   *     learners with modules of a task's own when there was no such task
   */
  default void predict(Map<String, Tensor> inputs, int task, double[] scores) {
    predict(inputs, scores);
  }

  /** Passes of the model for one prediction at present. */
  int forwardsPerPrediction();

  /**
   * The bytes of everything that predictions are made from beside the frozen model: modules, heads,
   * statistics. What a task adds is the bytes of that task.
   */
  long bytes();

  /**
   * The values that were trained by gradients and that predictions are made from: modules and
   * heads. 0 for learners that train none.
   */
  default long parameterCount() {
    return 0;
  }

  /**
   * The one adapter that predictions are made with, so that it can be served without the learner.
   *
   * @return copies of its tensors, those of its head among them, by their names in the graph; empty
   *     when there are no classes yet, or predictions are made with more than one adapter
   */
  default Optional<Map<String, Tensor>> adapter() {
    return Optional.empty();
  }

  /** Frees what the learner holds outside the heap. Closing twice does nothing. */
  @Override
  void close();
}
