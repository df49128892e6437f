package io.acclimate.bank.merge;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.Tensor;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/**
 * The average of adapters: {@code sum_i w_i A_i / sum_i w_i}.
 *
 * @param weights one for each adapter, from 0 and not all 0
 */
public record WeightedAverage(List<Double> weights) implements MergeRule {
  /** Checks the weights. */
  public WeightedAverage {
    weights = List.copyOf(weights);
    double sum = 0;
    for (double weight : weights) {
      sum += weight >= 0 ? weight : Double.NaN;
    }
    if (!(sum > 0) || Double.isInfinite(sum)) {
      throw new AcclimateException(
          "expected finite weights from 0 that are not all 0, found " + weights);
    }
  }

  /** The plain mean of this many adapters. */
  public static WeightedAverage mean(int adapters) {
    return new WeightedAverage(Collections.nCopies(adapters, 1.0));
  }

  @Override
  public Map<String, Tensor> merge(List<Map<String, Tensor>> adapters) {
    if (adapters.size() != weights.size()) {
      throw new AcclimateException(
          "expected %d adapters, one for each weight, found %d"
              .formatted(weights.size(), adapters.size()));
    }
    double total = weights.stream().mapToDouble(Double::doubleValue).sum();
    return LinearCombination.of(
        adapters, weights.stream().mapToDouble(weight -> weight / total).toArray());
  }
}
