package io.acclimate.bank;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.Tensor;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The trained values of a tuning module: what turns the one frozen model into the model of a task.
 *
 * <p>Adapters that come from a bank are shared by all who ask for them: their tensors are read,
 * never written. Safe to share between threads under that rule.
 *
 * @param card what is known of it
 * @param tensors the values by the names of the module's parameters, in the module's order
 */
public record Adapter(AdapterCard card, Map<String, Tensor> tensors) {
  /** Copies the map, not the tensors. */
  public Adapter {
    tensors = Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
  }

  /** The bytes its tensors take in memory. */
  public long bytes() {
    return TensorMaps.bytes(tensors);
  }

  /**
   * Checks that every number can be worked with.
   *
   * @throws AcclimateException when there is no tensor, or one holds NaN or infinity; it is named
   */
  public void requireSound() {
    if (tensors.isEmpty()) {
      throw new AcclimateException(
          "adapter %s: expected at least one tensor, found none".formatted(card.ref()));
    }
    tensors.forEach(
        (name, tensor) -> {
          long at = TensorMaps.firstNotFinite(tensor);
          if (at >= 0) {
            throw new AcclimateException(
                "tensor '%s' of adapter %s: expected finite numbers, found NaN or infinity at %d"
                    .formatted(name, card.ref(), at));
          }
        });
  }
}
