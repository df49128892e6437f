package io.acclimate.bank.merge;

import io.acclimate.bank.TensorMaps;
import io.acclimate.runtime.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Sums of adapters that are rounded only once, whatever the tensors' type. */
final class LinearCombination {
  private LinearCombination() {}

  /** {@code sum_i factors[i] A_i}, laid out like the first adapter. */
  static Map<String, Tensor> of(List<Map<String, Tensor>> adapters, double[] factors) {
    Map<String, Tensor> first = adapters.get(0);
    double[] sum = new double[0];
    for (int k = 0; k < factors.length; k++) {
      TensorMaps.requireSameLayout(adapters.get(k), first);
      double[] values = flatten(adapters.get(k), first);
      sum = k == 0 ? new double[values.length] : sum;
      for (int i = 0; i < values.length; i++) {
        sum[i] += factors[k] * values[i];
      }
    }
    return TensorMaps.unflatten(sum, first);
  }

  /** The elements in the order of another adapter's names. */
  static double[] flatten(Map<String, Tensor> tensors, Map<String, Tensor> order) {
    Map<String, Tensor> ordered = new LinkedHashMap<>();
    order.keySet().forEach(name -> ordered.put(name, tensors.get(name)));
    return TensorMaps.flatten(ordered);
  }
}
