package io.acclimate.runtime.autodiff;

import static io.acclimate.runtime.autodiff.FiniteDifferences.shape;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.Device;
import io.acclimate.runtime.GraphSession;
import io.acclimate.runtime.ModelOptions;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.graph.Attributes;
import io.acclimate.runtime.graph.GraphBuilder;
import io.acclimate.runtime.graph.ModelGraph;
import io.acclimate.runtime.graph.OnnxFormat;
import io.acclimate.runtime.graph.ValueType;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class SpatialGradientsTest {
  private static Attributes window(String name, long... values) {
    return Attributes.of(name, values);
  }

  static Stream<Arguments> convolutions() {
    return Stream.of(
        Arguments.of(shape(2, 2, 5), shape(3, 2, 3), Attributes.NONE),
        Arguments.of(shape(1, 1, 4), shape(1, 1, 1), Attributes.NONE),
        Arguments.of(shape(1, 2, 8), shape(2, 2, 3), window("strides", 3).and("pads", shape(2, 1))),
        Arguments.of(shape(2, 4, 6), shape(6, 2, 2), window("dilations", 2).and("group", 2)),
        Arguments.of(shape(2, 3, 7), shape(3, 1, 3), window("pads", 1, 1).and("group", 3)),
        Arguments.of(shape(2, 2, 5, 4), shape(3, 2, 3, 2), Attributes.NONE),
        Arguments.of(
            shape(1, 2, 6, 5),
            shape(2, 2, 2, 3),
            window("strides", 2, 3).and("pads", shape(1, 0, 2, 1))),
        Arguments.of(
            shape(2, 4, 6, 6),
            shape(4, 2, 2, 2),
            window("strides", 2, 1).and("dilations", shape(2, 3)).and("group", 2)),
        Arguments.of(
            shape(2, 3, 5, 5),
            shape(6, 1, 3, 3),
            window("strides", 2, 2).and("auto_pad", "SAME_UPPER").and("group", 3)),
        Arguments.of(
            shape(1, 2, 4, 5),
            shape(2, 2, 2, 2),
            window("strides", 2, 2).and("auto_pad", "SAME_LOWER")),
        Arguments.of(shape(1, 2, 4, 5), shape(2, 2, 2, 2), Attributes.of("auto_pad", "VALID")),
        Arguments.of(shape(1, 1, 2, 3, 3), shape(2, 1, 2, 2, 2), window("pads", 0, 1, 0, 0, 0, 1)));
  }

  @ParameterizedTest
  @MethodSource("convolutions")
  void convolution(long[] x, long[] weight, Attributes attributes) {
    FiniteDifferences.of(x, weight, shape(weight[0]))
        .check((ops, in) -> ops.op("Conv", attributes, in.get(0), in.get(1), in.get(2)));
  }

  @ParameterizedTest
  @MethodSource("convolutions")
  void convolutionInSecondOrder(long[] x, long[] weight, Attributes attributes) {
    FiniteDifferences.of(x, weight)
        .secondOrder()
        .check((ops, in) -> ops.tanh(ops.op("Conv", attributes, in.get(0), in.get(1))));
  }

  static Stream<Arguments> transposedConvolutions() {
    return Stream.of(
        Arguments.of(shape(2, 2, 4), shape(2, 3, 3), Attributes.NONE),
        Arguments.of(
            shape(1, 4, 3),
            shape(4, 2, 2),
            window("strides", 3).and("output_padding", shape(2)).and("group", 2)),
        Arguments.of(
            shape(2, 2, 3, 2),
            shape(2, 1, 2, 3),
            window("strides", 2, 1).and("pads", shape(1, 0, 0, 1)).and("dilations", shape(1, 2))),
        Arguments.of(shape(1, 3, 2, 3), shape(3, 1, 3, 2), window("strides", 2, 2).and("group", 3)),
        Arguments.of(
            shape(1, 2, 3), shape(2, 2, 3), window("strides", 2).and("auto_pad", "SAME_UPPER")),
        Arguments.of(
            shape(1, 2, 3), shape(2, 2, 3), window("strides", 2).and("auto_pad", "SAME_LOWER")),
        Arguments.of(
            shape(1, 2, 3), shape(2, 2, 3), window("strides", 2).and("output_shape", shape(6))));
  }

  @ParameterizedTest
  @MethodSource("transposedConvolutions")
  void transposedConvolution(long[] x, long[] weight, Attributes attributes) {
    long channels = weight[1] * attributes.integer("group", 1);
    FiniteDifferences.of(x, weight, shape(channels))
        .secondOrder()
        .check(
            (ops, in) ->
                ops.tanh(ops.op("ConvTranspose", attributes, in.get(0), in.get(1), in.get(2))));
  }

  static Stream<Arguments> pools() {
    return Stream.of(
        Arguments.of(shape(2, 2, 6), window("kernel_shape", 2)),
        Arguments.of(shape(1, 1, 6), window("kernel_shape", 3).and("strides", shape(2))),
        Arguments.of(
            shape(2, 1, 6),
            window("kernel_shape", 3).and("strides", shape(2)).and("pads", shape(1, 1))),
        Arguments.of(
            shape(2, 2, 6),
            window("kernel_shape", 3)
                .and("strides", shape(2))
                .and("pads", shape(1, 1))
                .and("ceil_mode", 1)),
        Arguments.of(
            shape(1, 2, 7),
            window("kernel_shape", 2)
                .and("dilations", shape(3))
                .and("strides", shape(2))
                .and("pads", shape(1, 0))
                .and("ceil_mode", 1)),
        Arguments.of(
            shape(2, 2, 5, 4),
            window("kernel_shape", 3, 2)
                .and("strides", shape(2, 1))
                .and("pads", shape(1, 0, 1, 1))),
        Arguments.of(
            shape(1, 2, 5, 5),
            window("kernel_shape", 2, 2).and("strides", shape(2, 2)).and("auto_pad", "SAME_UPPER")),
        Arguments.of(
            shape(1, 1, 5, 5),
            window("kernel_shape", 3, 2).and("strides", shape(1, 2)).and("auto_pad", "SAME_LOWER")),
        Arguments.of(
            shape(1, 1, 6, 6),
            window("kernel_shape", 3, 3)
                .and("strides", shape(3, 3))
                .and("pads", shape(1, 1, 1, 1))
                .and("ceil_mode", 1)));
  }

  @ParameterizedTest
  @MethodSource("pools")
  void averages(long[] x, Attributes attributes) {
    for (int counted = 0; counted < 2; counted++) {
      Attributes pool = attributes.and("count_include_pad", counted);
      FiniteDifferences.of(x)
          .secondOrder()
          .check((ops, in) -> ops.op("AveragePool", pool, ops.tanh(in.get(0))));
    }
  }

  @ParameterizedTest
  @MethodSource("pools")
  void maxima(long[] x, Attributes attributes) {
    FiniteDifferences.of(x).check((ops, in) -> ops.op("MaxPool", attributes, in.get(0)));
    FiniteDifferences.of(x)
        .secondOrder()
        .check((ops, in) -> ops.exp(ops.op("MaxPool", attributes, ops.tanh(in.get(0)))));
  }

  @Test
  void wholeSpace() {
    for (long[] x : new long[][] {shape(2, 3, 4), shape(1, 2, 3, 2), shape(2, 1, 1, 1)}) {
      for (String op : List.of("GlobalAveragePool", "GlobalMaxPool")) {
        FiniteDifferences.of(x)
            .secondOrder()
            .check((ops, in) -> ops.exp(ops.op(op, Attributes.NONE, in.get(0))));
      }
    }
  }

  @Test
  void theFirstOfSeveralEqualMaximaGetsTheGradient() {
    GraphBuilder graph = new GraphBuilder("ties");
    String x = graph.input("x", ValueType.of(DType.FLOAT32, 1, 1, 4));
    String y = graph.node("MaxPool", Attributes.of("kernel_shape", shape(2)), x);
    String loss = graph.ops().reduceSum(y, false);
    String gradient = Autodiff.gradients(graph, loss, List.of(x)).get(x);
    graph.output("gradient", gradient);
    ModelGraph built = graph.build();
    Tensor input = Tensor.allocate(DType.FLOAT32, 1, 1, 4);
    input.floats().put(new float[] {1, 1, 1, 2});
    Tensor output = Tensor.allocate(DType.FLOAT32, 1, 1, 4);
    try (GraphSession session =
        GraphSession.open("ties", OnnxFormat.toBytes(built), new ModelOptions(Device.CPU, 1))) {
      session.run(Map.of("x", input), Map.of("gradient", output));
    }
    float[] found = new float[4];
    output.floats().get(found);
    assertArrayEquals(new float[] {1, 1, 0, 1}, found);
  }

  @Test
  void columnMajorPlacesAreRefused() {
    GraphBuilder graph = new GraphBuilder("order");
    String x = graph.input("x", ValueType.of(DType.FLOAT32, 1, 1, 4));
    Attributes attributes = Attributes.of("kernel_shape", shape(2)).and("storage_order", 1);
    String loss = graph.ops().reduceSum(graph.node("MaxPool", attributes, x), false);
    assertThrows(AcclimateException.class, () -> Autodiff.gradients(graph, loss, List.of(x)));
  }
}
