package io.acclimate.simulators.tasks;

import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

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
   * @param heldOut what judges, at least one item
   */
  record Task(String name, List<Integer> classes, int[] heldOut) {}

  /** Whether each task has classes of its own and learners are told where it begins. */
  boolean tasksAreWindows() {
    return windows.size() == tasks.size()
        && IntStream.range(0, tasks.size())
            .allMatch(
                task ->
                    stageWindows[task] == task
                        && windows.get(task).classes().equals(placesOf(tasks.get(task))))
        && tasks.stream().mapToInt(task -> task.classes().size()).sum() <= places.length;
  }

  private Set<Integer> placesOf(Task task) {
    return task.classes().stream().map(label -> places[label]).collect(Collectors.toSet());
  }

  /** Whether all classes are known from the first window on. */
  boolean isClosedWorld() {
    return windows.get(0).classes().size() == places.length;
  }
}
