package io.acclimate.bank.merge;

import io.acclimate.bank.TensorMaps;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.Tensor;
import java.util.List;
import java.util.Map;

/**
 * Accumulates an online adapter into an offline one: {@code offline = m offline + (1 - m) online},
 * once after every optimiser step, over every tensor.
 *
 * <p>Gao et al., A Unified Continual Learning Framework with General Parameter-Efficient Tuning
 * (LAE), ICCV 2023, arXiv 2303.10070. The paper's m = 0.9999 belongs to its 1,040 steps of a task;
 * {@link #overTask} keeps the share of a task equal for other numbers of steps. With m close to 1
 * the offline adapter should be float64: in float32 small steps round away.
 *
 * @param momentum the share of the offline adapter that one step keeps, 0 to 1
 */
public record MomentumAccumulation(double momentum) implements MergeRule {
  /** Checks the momentum. */
  public MomentumAccumulation {
    if (!(momentum >= 0 && momentum <= 1)) {
      throw new AcclimateException("expected a momentum from 0 to 1, found " + momentum);
    }
  }

  /**
   * The rule that keeps this share of the offline adapter over all steps of a task.
   *
   * @param kept the share after the task, above 0 to 1; the paper's settings give 0.9
   * @param steps the number of optimiser steps of the task, at least 1
   */
  public static MomentumAccumulation overTask(double kept, long steps) {
    if (!(kept > 0 && kept <= 1) || steps < 1) {
      throw new AcclimateException(
          "expected a share above 0 to 1 and at least 1 step, found %s and %d"
              .formatted(kept, steps));
    }
    return new MomentumAccumulation(Math.pow(kept, 1.0 / steps));
  }

  /**
   * Does one step in place.
   *
   * @param offline receives the step
   * @param online is only read
   */
  public void accumulate(Map<String, Tensor> offline, Map<String, Tensor> online) {
    TensorMaps.scaleAndAdd(1 - momentum, online, momentum, offline);
  }

  /** One step, given the offline and the online adapter. */
  @Override
  public Map<String, Tensor> merge(List<Map<String, Tensor>> adapters) {
    if (adapters.size() != 2) {
      throw new AcclimateException(
          "expected the offline and the online adapter, found " + adapters.size());
    }
    Map<String, Tensor> offline = TensorMaps.copy(adapters.get(0));
    accumulate(offline, adapters.get(1));
    return offline;
  }
}
