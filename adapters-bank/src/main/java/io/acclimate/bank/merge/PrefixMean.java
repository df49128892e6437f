package io.acclimate.bank.merge;

import io.acclimate.bank.TensorMaps;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.state.StateReader;
import io.acclimate.runtime.state.StateWriter;
import io.acclimate.runtime.state.Stateful;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Draws the adapter of a task towards the mean of the adapters of all earlier tasks, once after
 * every optimiser step: {@code A = (1 - w) A + w / t * sum_{k<t} A_k}.
 *
 * <p>Sun et al., MOS: Model Surgery for Pre-Trained Model-Based Class-Incremental Learning, AAAI
 * 2025, arXiv 2412.09441. The paper's rule: one merge for each step, nothing at inference. Memory
 * is one sum, whatever the number of tasks. Not thread-safe.
 */
public final class PrefixMean implements Stateful {
  private final double weight;
  private Map<String, Tensor> sum = Map.of();
  private int tasks;

  /**
   * Starts without tasks.
   *
   * @param weight the share of the mean in one step, 0 to 1; the paper's is 0.1
   */
  public PrefixMean(double weight) {
    if (!(weight >= 0 && weight <= 1)) {
      throw new AcclimateException("expected a weight from 0 to 1, found " + weight);
    }
    this.weight = weight;
  }

  /** The rule as a pure function of the live adapter and those of all earlier tasks, in order. */
  public static MergeRule rule(double weight) {
    return adapters -> {
      PrefixMean mean = new PrefixMean(weight);
      adapters.subList(1, adapters.size()).forEach(mean::endTask);
      Map<String, Tensor> live = TensorMaps.copy(adapters.get(0));
      mean.merge(live);
      return live;
    };
  }

  /** The number of tasks that ended. */
  public int tasks() {
    return tasks;
  }

  /** Does one step on the live adapter, in place; nothing while no task has ended. */
  public void merge(Map<String, Tensor> live) {
    if (tasks > 0) {
      TensorMaps.scaleAndAdd(weight / tasks, sum, 1 - weight, live);
    }
  }

  /** Adds the final adapter of a task to the mean; it is copied. */
  public void endTask(Map<String, Tensor> adapter) {
    if (tasks == 0) {
      sum = TensorMaps.copy(adapter);
    } else {
      TensorMaps.scaleAndAdd(1, adapter, 1, sum);
    }
    tasks++;
  }

  @Override
  public void save(StateWriter out) {
    out.putInt("tasks", tasks);
    StateWriter tensors = out.child("sum");
    sum.forEach(tensors::putTensor);
  }

  @Override
  public void load(StateReader in) {
    StateReader tensors = in.child("sum");
    Map<String, Tensor> loaded = new LinkedHashMap<>();
    for (String name : tensors.keys()) {
      loaded.put(name, tensors.getTensor(name));
    }
    tasks = in.getInt("tasks");
    sum = loaded;
  }
}
