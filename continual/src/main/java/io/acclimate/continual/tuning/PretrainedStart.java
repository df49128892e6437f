package io.acclimate.continual.tuning;

import io.acclimate.bank.Adapter;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.train.ParameterSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Starts modules from those of an adapter that was trained before on other data: pre-trained visual
 * prompts and their kin (PVP). The adapter's head, if it has one, belongs to other classes and is
 * left out. Stateless.
 */
final class PretrainedStart {
  private PretrainedStart() {}

  /**
   * Takes the values over.
   *
   * @throws AcclimateException when the adapter holds other modules; nothing has changed then
   */
  static void put(Adapter adapter, ParameterSet parameters) {
    Map<String, Tensor> modules = TaskModel.modules(parameters);
    Set<String> given = new TreeSet<>(adapter.tensors().keySet());
    given.removeIf(TaskModel::isHead);
    if (!given.equals(modules.keySet())) {
      throw new AcclimateException(
          "adapter %s: expected the modules %s, found %s"
              .formatted(adapter.card().ref(), new TreeSet<>(modules.keySet()), given));
    }
    ParameterSet taken = parameters.copy();
    given.forEach(name -> taken.put(name, adapter.tensors().get(name)));
    parameters.copyFrom(taken);
  }
}
