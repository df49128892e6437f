package io.acclimate.continual;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.state.StateReader;
import io.acclimate.runtime.state.StateWriter;
import io.acclimate.runtime.state.Stateful;
import java.util.Collections;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Where a learner stands in its sequence of tasks: what it has seen, and the task that is open. Not
 * thread-safe.
 */
public final class TaskProgress implements Stateful {
  private int classes;
  private int tasks;
  private long batches;
  private SortedSet<Integer> open = new TreeSet<>();

  /** The classes seen so far, those of the open task included. */
  public int classes() {
    return classes;
  }

  /** The tasks that were ended. */
  public int tasks() {
    return tasks;
  }

  /** Whether a task is open. */
  public boolean isOpen() {
    return !open.isEmpty();
  }

  /** The classes of the open task; empty when there is none. */
  public SortedSet<Integer> openClasses() {
    return Collections.unmodifiableSortedSet(open);
  }

  /** The batches of one pass over the open task, as announced. */
  public long batches() {
    return batches;
  }

  /**
   * Begins a task.
   *
   * @throws AcclimateException when one is open, or a new class leaves a gap
   */
  public void begin(TaskOutline outline) {
    if (isOpen()) {
      throw new AcclimateException("expected task %d to be ended first".formatted(tasks));
    }
    int last = outline.classes().last();
    if (last >= classes && outline.classes().tailSet(classes).size() != last - classes + 1) {
      throw new AcclimateException(
          "task %d: expected new classes to follow on the %d seen, without gaps, found %s"
              .formatted(tasks, classes, outline.classes()));
    }
    classes = Math.max(classes, last + 1);
    batches = outline.batches();
    open = new TreeSet<>(outline.classes());
  }

  /**
   * Checks the labels of a batch to learn.
   *
   * @param all whether every class seen is allowed, else those of the open task
   * @throws AcclimateException when no task is open or a label is not allowed
   */
  public void requireLabels(int[] labels, boolean all) {
    requireOpen();
    for (int row = 0; row < labels.length; row++) {
      boolean fits = all ? labels[row] >= 0 && labels[row] < classes : open.contains(labels[row]);
      if (!fits) {
        throw new AcclimateException(
            "task %d, row %d: expected a label of %s, found %d"
                .formatted(tasks, row, all ? "0 to " + (classes - 1) : open, labels[row]));
      }
    }
  }

  private void requireOpen() {
    if (!isOpen()) {
      throw new AcclimateException(
          "expected an open task, found none after %d tasks".formatted(tasks));
    }
  }

  /**
   * Checks that there is something to predict.
   *
   * @throws AcclimateException when there are no classes yet
   */
  public void requireClasses() {
    if (classes == 0) {
      throw new AcclimateException("expected a task to be begun before a prediction, found none");
    }
  }

  /**
   * Ends the open task.
   *
   * @throws AcclimateException when there is none
   */
  public void end() {
    requireOpen();
    open = new TreeSet<>();
    batches = 0;
    tasks++;
  }

  @Override
  public void save(StateWriter out) {
    out.putInt("classes", classes);
    out.putInt("tasks", tasks);
    out.putLong("batches", batches);
    out.putInts("open", open.stream().mapToInt(Integer::intValue).toArray());
  }

  @Override
  public void load(StateReader in) {
    int loadedClasses = in.getInt("classes");
    int loadedTasks = in.getInt("tasks");
    long loadedBatches = in.getLong("batches");
    SortedSet<Integer> loaded = new TreeSet<>();
    for (int label : in.getInts("open")) {
      loaded.add(label);
    }
    classes = loadedClasses;
    tasks = loadedTasks;
    batches = loadedBatches;
    open = loaded;
  }
}
