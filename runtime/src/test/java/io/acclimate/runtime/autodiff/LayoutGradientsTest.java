package io.acclimate.runtime.autodiff;

import static io.acclimate.runtime.autodiff.FiniteDifferences.shape;

import io.acclimate.runtime.graph.Attributes;
import org.junit.jupiter.api.Test;

class LayoutGradientsTest {
  private static final long[] X = shape(2, 1, 3);

  private static FiniteDifferences twice(long[]... shapes) {
    return FiniteDifferences.of(shapes).secondOrder();
  }

  @Test
  void reshape() {
    long[][] targets = {shape(3, 2), shape(-1), shape(0, -1), shape(6, 1, 1), shape(1, 0, 6)};
    for (long[] target : targets) {
      twice(X).check((ops, x) -> ops.exp(ops.reshape(x.get(0), target)));
    }
  }

  @Test
  void transpose() {
    twice(X).check((ops, x) -> ops.exp(ops.op("Transpose", Attributes.NONE, x.get(0))));
    twice(X).check((ops, x) -> ops.exp(ops.transpose(x.get(0), 2, 0, 1)));
    twice(shape(1, 1)).check((ops, x) -> ops.exp(ops.transpose(x.get(0), 1, 0)));
  }

  @Test
  void squeezeAndUnsqueeze() {
    twice(X).check((ops, x) -> ops.exp(ops.squeeze(x.get(0), -2)));
    twice(X).check((ops, x) -> ops.exp(ops.op("Squeeze", Attributes.NONE, x.get(0))));
    twice(X).check((ops, x) -> ops.exp(ops.unsqueeze(x.get(0), 0, -1)));
    twice(shape()).check((ops, x) -> ops.exp(ops.unsqueeze(x.get(0), 0)));
  }

  @Test
  void flatten() {
    for (long axis : shape(0, 1, 2, 3, -1, -2)) {
      twice(X).check((ops, x) -> ops.exp(ops.op("Flatten", Attributes.of("axis", axis), x.get(0))));
    }
  }

  @Test
  void expand() {
    for (long[] target : new long[][] {shape(2, 4, 3), shape(5, 1, 1, 1), shape(1)}) {
      twice(X)
          .check(
              (ops, x) -> ops.exp(ops.op("Expand", Attributes.NONE, x.get(0), ops.list(target))));
    }
    twice(shape())
        .check((ops, x) -> ops.exp(ops.op("Expand", Attributes.NONE, x.get(0), ops.list(2, 2))));
  }
}
