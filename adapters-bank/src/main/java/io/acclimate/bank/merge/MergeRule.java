package io.acclimate.bank.merge;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.Tensor;
import java.util.List;
import java.util.Map;

/** Makes one adapter of several with equal names and shapes. Immutable, safe for all threads. */
@FunctionalInterface
public interface MergeRule {
  /**
   * Merges; the inputs stay as they are.
   *
   * @param adapters tensors by name, at least one adapter; the rule says what the order means
   * @return new tensors, of the types of the first adapter
   * @throws AcclimateException when names or shapes differ, a tensor is not of a floating type, or
   *     the number of adapters does not suit the rule
   */
  Map<String, Tensor> merge(List<Map<String, Tensor>> adapters);
}
