package io.acclimate.runtime.autodiff;

import io.acclimate.runtime.graph.Attributes;
import io.acclimate.runtime.graph.Ops;
import io.acclimate.runtime.graph.Shape;
import java.util.Map;

/** Gradient rules of matrix products. */
final class MatrixGradients {
  private MatrixGradients() {}

  static void register(Map<String, GradientRule> rules) {
    rules.put("MatMul", MatrixGradients::matMul);
    rules.put("Gemm", MatrixGradients::gemm);
  }

  /** For y = a b: dy bT and aT dy, summed over batch axes that were repeated. */
  private static void matMul(BackwardContext node) {
    Ops ops = node.ops();
    boolean vectorA = node.shape(0).rank() == 1;
    boolean vectorB = node.shape(1).rank() == 1;
    String a = vectorA ? ops.unsqueeze(node.input(0), 0) : node.input(0);
    String b = vectorB ? ops.unsqueeze(node.input(1), 1) : node.input(1);
    String gradient = node.gradient();
    if (vectorB) {
      gradient = ops.unsqueeze(gradient, -1);
    }
    if (vectorA) {
      gradient = ops.unsqueeze(gradient, -2);
    }
    if (node.wants(0)) {
      String share = ops.matMul(gradient, ops.transposeLast(b));
      Shape shape = ops.shape(a);
      String summed = ops.sumTo(share, shape);
      node.give(0, vectorA ? ops.squeeze(summed, 0) : summed);
    }
    if (node.wants(1)) {
      String summed = weightGradient(ops, a, gradient, ops.shape(b));
      node.give(1, vectorB ? ops.squeeze(summed, 1) : summed);
    }
  }

  /**
   * aT dy. When b is one matrix for all rows of a, the batch axes are rows too: one product of flat
   * matrices instead of many that are summed.
   */
  private static String weightGradient(Ops ops, String a, String gradient, Shape b) {
    int rank = ops.shape(a).rank();
    if (b.rank() != 2 || rank <= 2 || ops.shape(gradient).rank() != rank) {
      return ops.sumTo(ops.matMul(ops.transposeLast(a), gradient), b);
    }
    Attributes rows = Attributes.of("axis", -1);
    String flatA = ops.op("Flatten", rows, a);
    String flatGradient = ops.op("Flatten", rows, gradient);
    return gemmProduct(ops, flatA, flatGradient, true, false, 1);
  }

  private static String gemmProduct(
      Ops ops, String a, String b, boolean transA, boolean transB, double alpha) {
    Attributes attributes =
        Attributes.of("transA", transA).and("transB", transB).and("alpha", alpha);
    return ops.op("Gemm", attributes, a, b);
  }

  /** For y = alpha op(a) op(b) + beta c. */
  private static void gemm(BackwardContext node) {
    Ops ops = node.ops();
    boolean transA = node.attributes().integer("transA", 0) != 0;
    boolean transB = node.attributes().integer("transB", 0) != 0;
    double alpha = node.attributes().number("alpha", 1);
    double beta = node.attributes().number("beta", 1);
    String gradient = node.gradient();
    if (node.wants(0)) {
      node.give(
          0,
          transA
              ? gemmProduct(ops, node.input(1), gradient, transB, true, alpha)
              : gemmProduct(ops, gradient, node.input(1), false, !transB, alpha));
    }
    if (node.wants(1)) {
      node.give(
          1,
          transB
              ? gemmProduct(ops, gradient, node.input(0), true, transA, alpha)
              : gemmProduct(ops, node.input(0), gradient, !transA, false, alpha));
    }
    if (node.node().hasInput(2) && node.wants(2)) {
      node.give(2, beta == 1 ? gradient : ops.mul(gradient, beta));
    }
  }
}
