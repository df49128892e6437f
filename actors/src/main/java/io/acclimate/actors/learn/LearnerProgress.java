package io.acclimate.actors.learn;

import io.acclimate.continual.ContinualLearner;
import io.acclimate.runtime.state.State;
import io.acclimate.runtime.state.StateReader;
import io.acclimate.runtime.state.StateWriter;
import io.acclimate.runtime.state.Stateful;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * A continual learner and where it stands: the task it is to decide on next and the steps made in
 * it, with its states on disk. Not thread-safe; close it to free the learner.
 */
final class LearnerProgress implements Stateful, AutoCloseable {
  private final LearnerFiles files;
  private final Supplier<ContinualLearner> source;
  private ContinualLearner learner;
  private long task;
  private long steps;

  /**
   * A learner that has learned nothing.
   *
   * @param source makes one
   */
  LearnerProgress(LearnerFiles files, Supplier<ContinualLearner> source) {
    this.files = files;
    this.source = source;
    this.learner = source.get();
  }

  ContinualLearner learner() {
    return learner;
  }

  /** The number of the task to decide on next. */
  long task() {
    return task;
  }

  /** The steps made in it. */
  long steps() {
    return steps;
  }

  /** A step was made. */
  void stepped() {
    steps++;
  }

  /**
   * Takes the newer of what the folder and the bank say; a change of the bank comes first.
   *
   * @param published the state in the bank, where there is one that counts
   */
  void restore(Optional<State> published) {
    Optional<State> base = LearnerFiles.state(files.base());
    base.ifPresent(saved -> saved.restore(this));
    long baseTask = task;
    published.ifPresent(saved -> saved.restore(this));
    if (published.isPresent() && base.isPresent() && task < baseTask) {
      base.get().restore(this);
    }
    State.of(this).write(files.base());
  }

  /** Goes on in mid-task where a life before has stopped; false when it did not get so far. */
  boolean resume() {
    Optional<State> saved = LearnerFiles.state(files.progress());
    long present = task;
    saved.ifPresent(progress -> progress.restore(this));
    if (saved.isPresent() && task != present) {
      goBack();
      return false;
    }
    return saved.isPresent();
  }

  /** Saves the state in mid-task. */
  void saveInTask() {
    State.of(this).write(files.progress());
  }

  /** The present learner as the one with which a task begins. */
  State after(long nextTask) {
    long presentTask = task;
    long presentSteps = steps;
    task = nextTask;
    steps = 0;
    State saved = State.of(this);
    task = presentTask;
    steps = presentSteps;
    return saved;
  }

  /** Puts the learner back to where the task began. */
  void goBack() {
    renew(Optional.of(LearnerFiles.state(files.base()).orElseThrow()));
  }

  /** A learner in this state, or one that has learned nothing. */
  void renew(Optional<State> state) {
    learner.close();
    learner = source.get();
    task = 0;
    steps = 0;
    state.ifPresent(saved -> saved.restore(this));
  }

  /** The task is decided on: the learner goes on from here, also after a kill. */
  void next() {
    after(task + 1).write(files.base());
    task++;
    steps = 0;
  }

  @Override
  public void save(StateWriter out) {
    out.putLong("task", task);
    out.putLong("steps", steps);
    out.put("learner", learner);
  }

  @Override
  public void load(StateReader in) {
    long loadedTask = in.getLong("task");
    long loadedSteps = in.getLong("steps");
    in.get("learner", learner);
    task = loadedTask;
    steps = loadedSteps;
  }

  @Override
  public void close() {
    learner.close();
  }
}
