package io.acclimate.runtime.autodiff;

import static io.acclimate.runtime.autodiff.FiniteDifferences.shape;

import io.acclimate.runtime.graph.Attributes;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReductionGradientsTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "ReduceSum",
        "ReduceMean",
        "ReduceMax",
        "ReduceMin",
        "ReduceL1",
        "ReduceL2",
        "ReduceSumSquare",
        "ReduceLogSumExp"
      })
  void everyChoiceOfAxes(String op) {
    long[][] choices = {{}, {0}, {-1}, {0, 2}, {1}};
    for (boolean keep : new boolean[] {true, false}) {
      Attributes attributes = Attributes.of("keepdims", keep);
      for (long[] axes : choices) {
        FiniteDifferences.of(shape(2, 1, 3))
            .with(u -> u + Math.copySign(0.5, u))
            .check(
                (ops, x) ->
                    axes.length == 0
                        ? ops.op(op, attributes, x.get(0))
                        : ops.op(op, attributes, x.get(0), ops.list(axes)));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"ReduceMean", "ReduceL2", "ReduceLogSumExp"})
  void secondOrder(String op) {
    FiniteDifferences.of(shape(2, 3))
        .secondOrder()
        .check((ops, x) -> ops.op(op, Attributes.NONE, ops.exp(x.get(0)), ops.list(1)));
  }
}
