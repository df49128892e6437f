package io.acclimate.bank.retrieval;

import java.util.List;
import java.util.Optional;

/**
 * What was found for one sample.
 *
 * @param tasks the tasks whose adapters to use, the best first
 * @param tried the tasks whose adapters were run to find out, in their order
 * @param logits the logits over all classes under the adapter that was run last, when one was
 */
public record Retrieved(List<Integer> tasks, List<Integer> tried, Optional<double[]> logits) {
  /** Copies the lists. */
  public Retrieved {
    tasks = List.copyOf(tasks);
    tried = List.copyOf(tried);
  }

  /** One task, found without running an adapter. */
  static Retrieved untried(int task) {
    return new Retrieved(List.of(task), List.of(), Optional.empty());
  }

  /** The best task. */
  public int task() {
    return tasks.get(0);
  }
}
