package io.acclimate.continual.conpet;

import io.acclimate.continual.LearnResult;
import io.acclimate.runtime.state.State;
import io.acclimate.runtime.state.Stateful;
import java.util.List;
import java.util.function.Supplier;

/** The steps that one batch takes, made all or none. Stateless. */
final class WholeBatch {
  private WholeBatch() {}

  /**
   * Makes steps one after the other; when one is refused, nothing of them stays.
   *
   * @param training what making and doing the steps changes
   * @param plan gives the steps, at least one
   * @return the mean loss, or the refusal
   */
  static LearnResult learn(Stateful training, Supplier<List<Supplier<LearnResult>>> plan) {
    State before = State.of(training);
    List<Supplier<LearnResult>> steps = plan.get();
    double loss = 0;
    for (Supplier<LearnResult> step : steps) {
      LearnResult result = step.get();
      if (!result.applied()) {
        before.restore(training);
        return result;
      }
      loss += result.loss() / steps.size();
    }
    return new LearnResult(loss, "");
  }
}
