package io.acclimate.continual.mos;

import io.acclimate.bank.TensorMaps;
import io.acclimate.bank.merge.PrefixMean;
import io.acclimate.continual.tuning.TaskModel;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.state.StateReader;
import io.acclimate.runtime.state.StateWriter;
import io.acclimate.runtime.state.Stateful;
import io.acclimate.runtime.train.ParameterSet;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The adapter of each task that has ended, and their mean. Not thread-safe. */
final class TaskAdapters implements Stateful {
  private final PrefixMean mean;
  private final List<Map<String, Tensor>> ended = new ArrayList<>();
  private ParameterSet values;

  TaskAdapters(double mergeWeight) {
    this.mean = new PrefixMean(mergeWeight);
  }

  /** The adapters that were kept. */
  int count() {
    return ended.size();
  }

  /** Draws the live adapter towards the mean of those before. */
  void merge(ParameterSet live) {
    mean.merge(TaskModel.modules(live));
  }

  /** Keeps a copy of the live adapter. */
  void end(ParameterSet live) {
    Map<String, Tensor> copy = TensorMaps.copy(TaskModel.modules(live));
    ended.add(copy);
    mean.endTask(copy);
  }

  /**
   * The values of a model with the adapter of a task.
   *
   * @param live the values as they are; theirs is the adapter after the last one kept
   * @return overwritten by the next call; the head is of no meaning
   */
  ParameterSet of(int task, ParameterSet live) {
    if (task == ended.size()) {
      return live;
    }
    if (values == null || !values.types().equals(live.types())) {
      values = live.copy();
    }
    ended.get(task).forEach(values::put);
    return values;
  }

  /** The bytes of the adapters that were kept. */
  long bytes() {
    return ended.stream().mapToLong(TensorMaps::bytes).sum();
  }

  @Override
  public void save(StateWriter out) {
    out.put("mean", mean);
    out.putInt("count", ended.size());
    for (int task = 0; task < ended.size(); task++) {
      ended.get(task).forEach(out.child("task" + task)::putTensor);
    }
  }

  @Override
  public void load(StateReader in) {
    List<Map<String, Tensor>> loaded = new ArrayList<>();
    int count = in.getInt("count");
    for (int task = 0; task < count; task++) {
      StateReader one = in.child("task" + task);
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      one.keys().forEach(name -> tensors.put(name, one.getTensor(name)));
      loaded.add(tensors);
    }
    in.get("mean", mean);
    ended.clear();
    ended.addAll(loaded);
    values = null;
  }
}
