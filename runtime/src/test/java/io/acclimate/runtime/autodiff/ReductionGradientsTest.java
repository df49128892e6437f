package io.acclimate.runtime.autodiff;

import static io.acclimate.runtime.autodiff.FiniteDifferences.shape;

import io.acclimate.runtime.graph.Attributes;
import io.acclimate.runtime.graph.Ops;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
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

  @Test
  void logarithmOfASum() {
    long[][] choices = {{}, {0}, {-1}, {0, 2}, {1}};
    for (long[] axes : choices) {
      for (boolean keep : new boolean[] {true, false}) {
        FiniteDifferences.of(shape(2, 1, 3))
            .with(u -> u + 1.5)
            .secondOrder()
            .check((ops, x) -> reduce(ops, "ReduceLogSum", keep, x.get(0), axes));
      }
    }
  }

  @Test
  void product() {
    long[][] choices = {{}, {0}, {-1}, {0, 2}, {1}};
    for (long[] axes : choices) {
      for (boolean keep : new boolean[] {true, false}) {
        FiniteDifferences.of(shape(2, 1, 3))
            .secondOrder()
            .check((ops, x) -> ops.exp(reduce(ops, "ReduceProd", keep, x.get(0), axes)));
      }
    }
  }

  @Test
  void productWithZeros() {
    for (int zeros = 1; zeros <= 3; zeros++) {
      AtomicInteger left = new AtomicInteger(zeros);
      FiniteDifferences.of(shape(3))
          .with(u -> left.getAndDecrement() > 0 ? 0 : u)
          .secondOrder()
          .check((ops, x) -> reduce(ops, "ReduceProd", true, x.get(0), 0));
    }
  }

  private static String reduce(Ops ops, String op, boolean keep, String x, long... axes) {
    Attributes attributes = Attributes.of("keepdims", keep);
    return axes.length == 0 ? ops.op(op, attributes, x) : ops.op(op, attributes, x, ops.list(axes));
  }
}
