package io.acclimate.runtime.autodiff;

import static io.acclimate.runtime.autodiff.FiniteDifferences.shape;

import io.acclimate.runtime.graph.Attributes;
import org.junit.jupiter.api.Test;

class MatrixGradientsTest {
  @Test
  void matMulOfEveryRank() {
    long[][][] pairs = {
      {shape(2, 3), shape(3, 4)},
      {shape(3), shape(3, 4)},
      {shape(2, 3), shape(3)},
      {shape(3), shape(3)},
      {shape(2, 2, 3), shape(3, 4)},
      {shape(2, 1, 2, 3), shape(5, 3, 1)},
      {shape(1, 2, 3), shape(4, 3, 2)},
    };
    for (long[][] pair : pairs) {
      FiniteDifferences.of(pair).check((ops, x) -> ops.matMul(x.get(0), x.get(1)));
      FiniteDifferences.of(pair)
          .secondOrder()
          .check((ops, x) -> ops.exp(ops.matMul(x.get(0), x.get(1))));
    }
  }

  @Test
  void gemmInEveryOrientation() {
    for (int k = 0; k < 4; k++) {
      boolean transA = (k & 1) != 0;
      boolean transB = (k & 2) != 0;
      Attributes attributes =
          Attributes.of("transA", transA)
              .and("transB", transB)
              .and("alpha", 0.5)
              .and("beta", k == 0 ? 1.0 : 2.0);
      long[] a = transA ? shape(3, 2) : shape(2, 3);
      long[] b = transB ? shape(4, 3) : shape(3, 4);
      FiniteDifferences.of(a, b, shape(4))
          .check((ops, x) -> ops.op("Gemm", attributes, x.get(0), x.get(1), x.get(2)));
    }
  }
}
