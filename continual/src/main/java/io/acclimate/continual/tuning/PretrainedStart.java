package io.acclimate.continual.tuning;

import io.acclimate.bank.Adapter;
import io.acclimate.bank.pet.PetPatch;
import io.acclimate.continual.Backbone;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Starts modules from those of an adapter that was trained before on other data: pre-trained visual
 * prompts and their kin (PVP). Stateless.
 */
final class PretrainedStart {
  private PretrainedStart() {}

  /**
   * The values that modules start with. The adapter's head, if it has one, belongs to other classes
   * and is left out.
   *
   * @throws AcclimateException when the adapter does not hold these modules of this model
   */
  static Map<String, Tensor> modules(Adapter adapter, Backbone backbone, TuningSettings settings) {
    Map<String, Tensor> values = new LinkedHashMap<>(adapter.tensors());
    values.keySet().removeIf(TaskModel::isHead);
    PetPatch patch = PetPatch.of(backbone.graph());
    settings.modules().forEach(patch::add);
    try {
      patch.apply().requireFit(values);
    } catch (AcclimateException e) {
      throw new AcclimateException(
          "init: adapter %s does not fit: %s".formatted(adapter.card().ref(), e.getMessage()), e);
    }
    return values;
  }
}
