package io.acclimate.continual;

/** A learner that keeps track of its tasks itself. Not thread-safe. */
public abstract class SequenceLearner implements ContinualLearner {
  private final TaskProgress progress = new TaskProgress();

  /** Where the sequence of tasks stands. */
  protected final TaskProgress progress() {
    return progress;
  }

  @Override
  public final int classes() {
    return progress.classes();
  }

  @Override
  public final int tasks() {
    return progress.tasks();
  }
}
