package io.acclimate.runtime.autodiff;

import static io.acclimate.runtime.autodiff.FiniteDifferences.shape;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.graph.Attributes;
import io.acclimate.runtime.graph.Constant;
import io.acclimate.runtime.graph.GraphBuilder;
import io.acclimate.runtime.graph.ValueType;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ActivationGradientsTest {
  static Stream<Arguments> activations() {
    Stream<Arguments> plain =
        Stream.of(
                "Erf",
                "Tanh",
                "Sigmoid",
                "Relu",
                "LeakyRelu",
                "Gelu",
                "Softplus",
                "Elu",
                "Selu",
                "Celu",
                "Softsign",
                "HardSigmoid",
                "HardSwish",
                "Mish",
                "Swish",
                "ThresholdedRelu",
                "Dropout",
                "Softmax",
                "LogSoftmax")
            .map(op -> Arguments.of(op, Attributes.NONE));
    return Stream.concat(
        plain,
        Stream.of(
            Arguments.of("Gelu", Attributes.of("approximate", "tanh")),
            Arguments.of("LeakyRelu", Attributes.of("alpha", 0.3)),
            Arguments.of("LeakyRelu", Attributes.of("alpha", 1.5)),
            Arguments.of("Elu", Attributes.of("alpha", 0.7)),
            Arguments.of("Celu", Attributes.of("alpha", 1.7)),
            Arguments.of("Selu", Attributes.of("alpha", 0.9).and("gamma", 1.2)),
            Arguments.of("HardSigmoid", Attributes.of("alpha", 0.4).and("beta", 0.3)),
            Arguments.of("Swish", Attributes.of("alpha", 1.7)),
            Arguments.of("ThresholdedRelu", Attributes.of("alpha", 0.4))));
  }

  @ParameterizedTest
  @MethodSource("activations")
  void firstOrder(String op, Attributes attributes) {
    for (long[] shape : new long[][] {shape(1, 1), shape(3, 1, 4), shape(30)}) {
      FiniteDifferences.of(shape)
          .with(u -> 4 * u)
          .check((ops, x) -> ops.op(op, attributes, x.get(0)));
    }
  }

  @ParameterizedTest
  @MethodSource("activations")
  void secondOrder(String op, Attributes attributes) {
    FiniteDifferences.of(shape(3, 4), shape(4))
        .with(u -> 2 * u)
        .secondOrder()
        .check((ops, x) -> ops.op(op, attributes, ops.mul(x.get(0), x.get(1))));
  }

  @ParameterizedTest
  @ValueSource(strings = {"Softmax", "LogSoftmax"})
  void everyAxis(String op) {
    for (int axis : new int[] {0, 1, 2, -1, -2, -3}) {
      FiniteDifferences.of(shape(2, 1, 3))
          .secondOrder()
          .check((ops, x) -> ops.op(op, Attributes.of("axis", axis), x.get(0)));
    }
  }

  @Test
  void clipBetweenBoundsThatLearnToo() {
    FiniteDifferences.of(shape(3, 4))
        .check((ops, x) -> ops.op("Clip", Attributes.NONE, x.get(0), ops.scalarLike(x.get(0), 0)));
    FiniteDifferences.of(shape(3, 4))
        .check(
            (ops, x) ->
                ops.op("Clip", Attributes.NONE, x.get(0), "", ops.scalarLike(x.get(0), 0.3)));
    FiniteDifferences.of(shape(3, 4), shape())
        .check(
            (ops, x) ->
                ops.op("Clip", Attributes.NONE, x.get(0), ops.mul(x.get(1), 0.1), x.get(1)));
  }

  @Test
  void slopesOfPReluWithBroadcasting() {
    for (long[] slope : new long[][] {shape(), shape(4), shape(3, 1), shape(2, 3, 4)}) {
      FiniteDifferences.of(shape(2, 3, 4), slope)
          .check((ops, x) -> ops.op("PRelu", Attributes.NONE, x.get(0), x.get(1)));
    }
    FiniteDifferences.of(shape(3, 4), shape(4))
        .secondOrder()
        .check((ops, x) -> ops.op("PRelu", Attributes.NONE, ops.mul(x.get(0), x.get(0)), x.get(1)));
  }

  @Test
  void geluAsExportersWriteIt() {
    FiniteDifferences.of(shape(2, 3))
        .with(u -> 3 * u)
        .secondOrder()
        .check(
            (ops, x) -> {
              String scaled = ops.div(x.get(0), ops.scalarLike(x.get(0), Math.sqrt(2)));
              String error = ops.op("Erf", Attributes.NONE, scaled);
              return ops.mul(ops.mul(x.get(0), ops.add(error, 1)), 0.5);
            });
  }

  @Test
  void dropoutInTrainingModeIsRefused() {
    GraphBuilder graph = new GraphBuilder("dropout");
    String x = graph.input("x", ValueType.of(DType.FLOAT32, 2));
    String ratio = graph.constant(Constant.scalar(DType.FLOAT32, 0.5));
    String training = graph.constant(Constant.scalar(DType.BOOL, 1));
    String y = graph.node("Dropout", Attributes.NONE, x, ratio, training);
    String loss = graph.ops().reduceSum(y, false);
    AcclimateException error =
        Assertions.assertThrows(
            AcclimateException.class, () -> Autodiff.gradients(graph, loss, List.of(x)));
    assertTrue(error.getMessage().contains("Dropout"), error.getMessage());
  }
}
