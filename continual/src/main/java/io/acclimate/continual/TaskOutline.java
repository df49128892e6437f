package io.acclimate.continual;

import io.acclimate.runtime.AcclimateException;
import java.util.Collections;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * What is known of a task before its first sample.
 *
 * <p>Classes are numbered in the order in which they appear: the new classes of a task follow on
 * those of the tasks before it, without gaps.
 *
 * @param classes the classes of the task, new and old ones, at least one
 * @param batches the batches of one pass over the task's samples, at least 0; learners set their
 *     rates by it
 */
public record TaskOutline(SortedSet<Integer> classes, long batches) {
  /**
   * Checks the ranges.
   *
   * @throws AcclimateException when there is no class or a number is negative
   */
  public TaskOutline {
    classes = Collections.unmodifiableSortedSet(new TreeSet<>(classes));
    if (classes.isEmpty() || classes.first() < 0 || batches < 0) {
      throw new AcclimateException(
          "task: expected at least one class, classes from 0 and batches from 0, found classes=%s"
                  .formatted(classes)
              + " batches="
              + batches);
    }
  }

  /** A task of the classes from one to below another. */
  public static TaskOutline ofRange(int from, int to, long batches) {
    SortedSet<Integer> classes = new TreeSet<>();
    for (int label = from; label < to; label++) {
      classes.add(label);
    }
    return new TaskOutline(classes, batches);
  }
}
