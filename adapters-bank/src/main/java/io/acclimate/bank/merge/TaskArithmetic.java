package io.acclimate.bank.merge;

import io.acclimate.bank.TensorMaps;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Adds up what adapters learned since a common start: {@code A_0 + scale * sum_i (A_i - A_0)}.
 *
 * <p>Ilharco et al., Editing Models with Task Arithmetic, ICLR 2023, arXiv 2212.04089.
 *
 * @param base the common start {@code A_0}, for instance the module's initial values
 * @param scale any finite number; 1 / n gives the mean of n adapters
 */
public record TaskArithmetic(Map<String, Tensor> base, double scale) implements MergeRule {
  /** Copies the tensors and checks the scale. */
  public TaskArithmetic {
    base = TensorMaps.copy(base);
    if (!Double.isFinite(scale)) {
      throw new AcclimateException("expected a finite scale, found " + scale);
    }
  }

  @Override
  public Map<String, Tensor> merge(List<Map<String, Tensor>> adapters) {
    List<Map<String, Tensor>> all = new ArrayList<>(List.of(base));
    all.addAll(adapters);
    double[] factors = new double[all.size()];
    Arrays.fill(factors, scale);
    factors[0] = 1 - scale * adapters.size();
    return LinearCombination.of(all, factors);
  }
}
