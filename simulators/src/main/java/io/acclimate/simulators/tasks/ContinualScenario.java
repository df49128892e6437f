package io.acclimate.simulators.tasks;

import io.acclimate.bank.pet.Pooling;
import io.acclimate.continual.LearnerFactory;
import io.acclimate.continual.shift.ShiftSettings;
import io.acclimate.runtime.ModelOptions;
import io.acclimate.simulators.scenario.DataSource;
import io.acclimate.simulators.train.ModelLocation;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Which learners meet which tasks, as read from a file.
 *
 * @param kind what makes a task
 * @param name what the report is called
 * @param file where it was read from
 * @param seeds the root of every random choice, one for each run
 * @param model the frozen model
 * @param data all samples
 * @param heldOut the share of each class that judges
 * @param tasks how samples are dealt out
 * @param labels when labels come
 * @param batchSize samples of a step
 * @param methods the learners by their names in the report
 * @param settings every setting in force, defaults included
 */
public record ContinualScenario(
    Kind kind,
    String name,
    Path file,
    List<Long> seeds,
    Model model,
    DataSource data,
    double heldOut,
    Tasks tasks,
    Labels labels,
    int batchSize,
    Map<String, LearnerFactory> methods,
    Map<String, Object> settings) {

  /** What makes a task. */
  public enum Kind {
    /** Some of the classes; predictions choose among all classes seen. */
    CLASS_INCREMENTAL,
    /** Some of the classes; predictions are told the task and choose among its classes. */
    TASK_INCREMENTAL,
    /** All of the classes in a domain of the task's own. */
    DOMAIN_INCREMENTAL
  }

  /** How one task follows on another. */
  public enum Boundaries {
    /** Learners are told, and each sample comes in the time of its task. */
    SHARP,
    /** Learners are told, but some samples come in the time of other tasks. */
    BLURRY,
    /** Learners are not told; tasks fade into each other, and a detector decides. */
    NONE
  }

  /**
   * The frozen model.
   *
   * @param location where it is
   * @param options where it runs
   * @param features the output that heads read
   * @param pooling how tokens become features
   * @param tokenizer where the tokeniser is, for texts
   * @param tokens of a text
   */
  public record Model(
      ModelLocation location,
      ModelOptions options,
      String features,
      Pooling pooling,
      ModelLocation tokenizer,
      int tokens) {}

  /**
   * How samples are dealt out.
   *
   * @param count the number of tasks
   * @param firstClasses the classes of the first task; 0 for as many as the others
   * @param shuffleClasses whether each seed draws an order of the classes
   * @param domains of a domain-incremental scenario, one for each task, else none
   * @param shots samples to learn of each class in every task but the first; 0 for all
   * @param boundaries how one task follows on another
   * @param blur the share of a task's samples that boundaries touch
   * @param shift the detector of a stream without boundaries
   */
  public record Tasks(
      int count,
      int firstClasses,
      boolean shuffleClasses,
      List<TaskDomain> domains,
      int shots,
      Boundaries boundaries,
      double blur,
      ShiftSettings shift) {}

  /**
   * When labels come.
   *
   * @param delay how many samples later than their sample
   * @param missing the share of samples whose label never comes
   */
  public record Labels(int delay, double missing) {}
}
