package io.acclimate.continual;

import io.acclimate.bank.Adapter;
import io.acclimate.runtime.AcclimateException;

/** Where a learner finds the adapters that its settings name. */
@FunctionalInterface
public interface AdapterSource {
  /** Has no adapters. */
  AdapterSource NONE =
      name -> {
        throw new AcclimateException(
            "init: expected no adapter to start from, for there is no place to find any; found '%s'"
                .formatted(name));
      };

  /**
   * Finds an adapter of the learner's model.
   *
   * @throws AcclimateException when there is none, it is damaged, or it belongs to another model
   */
  Adapter open(String name);
}
