package io.acclimate.bank.pet;

import io.acclimate.runtime.graph.Attributes;
import io.acclimate.runtime.graph.Ops;

/** Products of rows with weights that are stored as {@code [out, in]}. */
final class LinearOps {
  private static final Attributes TRANSPOSED = Attributes.of("transB", true);

  private LinearOps() {}

  /** {@code x Wᵀ} for rows {@code [n, in]}. */
  static String product(Ops ops, String rows, String weight) {
    return ops.op("Gemm", TRANSPOSED, rows, weight);
  }

  /** {@code factor x Wᵀ}. */
  static String product(Ops ops, String rows, String weight, double factor) {
    return ops.op("Gemm", TRANSPOSED.and("alpha", factor), rows, weight);
  }

  /** {@code x Wᵀ + bias}. */
  static String linear(Ops ops, String rows, String weight, String bias) {
    return ops.op("Gemm", TRANSPOSED, rows, weight, bias);
  }

  /** {@code base + factor x Wᵀ}, in one pass. */
  static String add(Ops ops, String base, String rows, String weight, double factor) {
    return ops.op("Gemm", TRANSPOSED.and("alpha", factor), rows, weight, base);
  }

  /** {@code factor (x Wᵀ + bias)}. */
  static String linear(Ops ops, String rows, String weight, String bias, double factor) {
    return ops.op("Gemm", TRANSPOSED.and("alpha", factor).and("beta", factor), rows, weight, bias);
  }
}
