package io.acclimate.runtime.autodiff;

import static io.acclimate.runtime.autodiff.FiniteDifferences.shape;

import io.acclimate.runtime.graph.Attributes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ArithmeticGradientsTest {
  @ParameterizedTest
  @ValueSource(strings = {"Add", "Sub", "Mul", "Div", "Max", "Min"})
  void binaryOperatorsWithBroadcasting(String op) {
    long[][][] pairs = {
      {shape(2, 3), shape(2, 3)},
      {shape(2, 3), shape(3)},
      {shape(2, 1, 3), shape(4, 1)},
      {shape(), shape(2, 2)},
      {shape(1, 3), shape(1, 1)},
    };
    for (long[][] pair : pairs) {
      FiniteDifferences.of(pair)
          .with(u -> u + Math.copySign(0.5, u))
          .check((ops, x) -> ops.op(op, Attributes.NONE, x.get(0), x.get(1)));
    }
  }

  @Test
  void remainderOfADivision() {
    for (long[] divisor : new long[][] {shape(2, 3), shape(3), shape(), shape(2, 1)}) {
      FiniteDifferences.of(shape(2, 3), divisor)
          .with(u -> 3 * u + Math.copySign(0.7, u))
          .secondOrder()
          .check((ops, x) -> ops.exp(ops.op("Mod", Attributes.of("fmod", 1), x.get(0), x.get(1))));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"Neg", "Abs", "Exp", "Reciprocal", "Identity"})
  void unaryOperators(String op) {
    FiniteDifferences.of(shape(2, 3))
        .with(u -> u + Math.copySign(0.5, u))
        .check((ops, x) -> ops.op(op, Attributes.NONE, x.get(0)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"Sqrt", "Log"})
  void unaryOperatorsOfPositiveNumbers(String op) {
    FiniteDifferences.of(shape(2, 3))
        .with(u -> u + 1.5)
        .check((ops, x) -> ops.op(op, Attributes.NONE, x.get(0)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"Mul", "Div", "Pow"})
  void secondOrder(String op) {
    FiniteDifferences.of(shape(2, 3), shape(3))
        .with(u -> u + 1.5)
        .secondOrder()
        .check((ops, x) -> ops.op(op, Attributes.NONE, x.get(0), x.get(1)));
  }
}
