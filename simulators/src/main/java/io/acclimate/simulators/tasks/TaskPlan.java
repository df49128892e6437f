package io.acclimate.simulators.tasks;

import java.util.List;
import java.util.SortedSet;

/**
 * What is learned when, and what judges. Items are those of {@link TaskData}.
 *
 * @param windows the stretches of time that learners take for a task, in order
 * @param tasks the true tasks, in order
 * @param stageWindows {@code [tasks]} the window after which each task counts as seen
 * @param places {@code [classes]} the number by which learners know each class; -1 where it is
 *     never announced
 * @param streamEnds {@code [tasks]} samples of the stream up to the end of each task
 * @param windowEnds {@code [windows]} samples of the stream up to the end of each window
 */
record TaskPlan(
    List<Window> windows,
    List<Task> tasks,
    int[] stageWindows,
    int[] places,
    int[] streamEnds,
    int[] windowEnds) {

  /**
   * A stretch of time.
   *
   * @param items what has a label by then, to learn
   * @param classes that are announced, in the numbers of learners; empty where nothing is known
   */
  record Window(int[] items, SortedSet<Integer> classes) {}

  /**
   * A true task.
   *
   * @param name for the report
   * @param classes of the data
   * @param heldOut what judges
   */
  record Task(String name, List<Integer> classes, int[] heldOut) {}

  /** Whether all classes are known from the first window on. */
  boolean isClosedWorld() {
    return windows.get(0).classes().size() == places.length;
  }
}
