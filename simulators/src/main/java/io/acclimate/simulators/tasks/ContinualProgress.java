package io.acclimate.simulators.tasks;

/** Follows a run; called by the thread that runs it. */
@FunctionalInterface
public interface ContinualProgress {
  /** Hears nothing. */
  ContinualProgress NONE = now -> {};

  /** Says where the run stands; after each batch. */
  void advanced(Place now);

  /**
   * A place in a run.
   *
   * @param done windows of all seeds and learners that are learned and measured
   * @param total windows there are
   * @param seed the seed under way
   * @param method the learner under way
   * @param window its window, from 0
   * @param accuracy on the tasks seen at its last stage, 0 to 1; negative before the first
   */
  record Place(long done, long total, long seed, String method, int window, double accuracy) {}
}
