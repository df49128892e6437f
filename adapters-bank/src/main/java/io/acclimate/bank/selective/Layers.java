package io.acclimate.bank.selective;

import io.acclimate.runtime.graph.Ops;

/** Small layers of token maps. */
final class Layers {
  private Layers() {}

  /** {@code x Wᵀ} for {@code [..., in]} and weights {@code [out, in]}. */
  static String linear(Ops ops, String x, String weight) {
    return ops.matMul(x, ops.transposeLast(weight));
  }

  /** x sigmoid(x). */
  static String silu(Ops ops, String x) {
    return ops.mul(x, ops.sigmoid(x));
  }

  /** log(1 + exp(x)) without overflow; ONNX Runtime has the operator in single precision only. */
  static String softplus(Ops ops, String x) {
    String small = ops.exp(ops.neg(ops.abs(x)));
    return ops.add(ops.relu(x), ops.log(ops.add(small, 1)));
  }
}
