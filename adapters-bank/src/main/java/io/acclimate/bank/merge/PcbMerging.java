package io.acclimate.bank.merge;

import io.acclimate.bank.TensorMaps;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Merging by parameter competition balancing: where adapters compete for a parameter, those win for
 * which it is large and which agree with the others.
 *
 * <p>With {@code t_i = A_i - A_0} over all parameters of n adapters, magnitudes clipped at the
 * outer {@value #CLIPPED} quantiles: {@code b_i = exp(n m_i^2) tanh(t_i sum_j t_j)}, where {@code
 * m_i} is the magnitude mapped to 0..1; {@code g_i} is {@code b_i} mapped to 0..1 after all but the
 * greatest {@code ratio} of it is cut off; the result is {@code A_0 + scale * sum_i g_i t_i / sum_i
 * g_i}, and {@code A_0} where no adapter wins.
 *
 * <p>Du et al., Parameter Competition Balancing for Model Merging, NeurIPS 2024, arXiv 2410.02396.
 * It sorts the parameters of every adapter, so it is for publishing, not for each step.
 *
 * @param base the common start {@code A_0}
 * @param ratio the share of parameters an adapter may win: above 0, to 1; the paper uses 0.05 to
 *     0.1
 * @param scale the paper searches 0.8 to 1.3
 */
public record PcbMerging(Map<String, Tensor> base, double ratio, double scale)
    implements MergeRule {
  private static final double CLIPPED = 1e-4;

  /** A sum of differences below this share of its parts is rounding, not agreement. */
  private static final double ROUNDING = 1e-6;

  /** Copies the tensors and checks the numbers. */
  public PcbMerging {
    base = TensorMaps.copy(base);
    if (!(ratio > 0 && ratio <= 1) || !Double.isFinite(scale)) {
      throw new AcclimateException(
          "expected a ratio above 0 to 1 and a finite scale, found %s and %s"
              .formatted(ratio, scale));
    }
  }

  @Override
  public Map<String, Tensor> merge(List<Map<String, Tensor>> adapters) {
    double[] start = TensorMaps.flatten(base);
    double[][] deltas = new double[adapters.size()][];
    double[] total = new double[start.length];
    double[] parts = new double[start.length];
    for (int k = 0; k < deltas.length; k++) {
      TensorMaps.requireSameLayout(adapters.get(k), base);
      deltas[k] = LinearCombination.flatten(adapters.get(k), base);
      for (int i = 0; i < start.length; i++) {
        deltas[k][i] -= start[i];
        total[i] += deltas[k][i];
        parts[i] += Math.abs(deltas[k][i]);
      }
    }
    Arrays.setAll(total, i -> Math.abs(total[i]) > ROUNDING * parts[i] ? total[i] : 0);
    double[] weighted = new double[start.length];
    double[] weights = new double[start.length];
    for (double[] delta : deltas) {
      double[] magnitudes = clippedMagnitudes(delta);
      double[] wins = wins(delta, magnitudes, total, deltas.length);
      for (int i = 0; i < start.length; i++) {
        weighted[i] += wins[i] * Math.copySign(magnitudes[i], delta[i]);
        weights[i] += wins[i];
      }
    }
    for (int i = 0; i < start.length; i++) {
      start[i] += weights[i] > 0 ? scale * weighted[i] / weights[i] : 0;
    }
    return TensorMaps.unflatten(start, base);
  }

  private double[] wins(double[] delta, double[] magnitudes, double[] total, int adapters) {
    double[] balance = magnitudes.clone();
    mapToUnit(balance);
    for (int i = 0; i < balance.length; i++) {
      balance[i] = Math.exp(adapters * balance[i] * balance[i]) * Math.tanh(delta[i] * total[i]);
    }
    double floor =
        sorted(balance)[(int) Math.min(balance.length * (1 - ratio), balance.length - 1)];
    for (int i = 0; i < balance.length; i++) {
      balance[i] = Math.max(balance[i], floor);
    }
    mapToUnit(balance);
    return balance;
  }

  private static double[] clippedMagnitudes(double[] delta) {
    double[] magnitudes = new double[delta.length];
    for (int i = 0; i < delta.length; i++) {
      magnitudes[i] = Math.abs(delta[i]);
    }
    double[] order = sorted(magnitudes);
    double low = order[(int) (order.length * CLIPPED)];
    double high = order[Math.max((int) (order.length * (1 - CLIPPED)) - 1, 0)];
    for (int i = 0; i < delta.length; i++) {
      magnitudes[i] = Math.min(Math.max(magnitudes[i], low), high);
    }
    return magnitudes;
  }

  /** Maps the least to 0 and the greatest to 1; all to 0 when they are equal. */
  private static void mapToUnit(double[] values) {
    double least = Arrays.stream(values).min().orElse(0);
    double range = Arrays.stream(values).max().orElse(0) - least;
    for (int i = 0; i < values.length; i++) {
      values[i] = range > 0 ? (values[i] - least) / range : 0;
    }
  }

  private static double[] sorted(double[] values) {
    double[] order = values.clone();
    Arrays.sort(order);
    return order;
  }
}
