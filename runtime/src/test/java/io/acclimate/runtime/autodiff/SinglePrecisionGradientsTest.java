package io.acclimate.runtime.autodiff;

import static io.acclimate.runtime.autodiff.FiniteDifferences.shape;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.acclimate.runtime.DType;
import io.acclimate.runtime.Device;
import io.acclimate.runtime.GraphSession;
import io.acclimate.runtime.ModelOptions;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.graph.Attributes;
import io.acclimate.runtime.graph.Constant;
import io.acclimate.runtime.graph.DoublePrecision;
import io.acclimate.runtime.graph.GraphBuilder;
import io.acclimate.runtime.graph.ModelGraph;
import io.acclimate.runtime.graph.OnnxFormat;
import io.acclimate.runtime.graph.Ops;
import io.acclimate.runtime.graph.ValueType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Runs gradients on the kernels that training uses, which differ from those that differences are
 * taken with: first and second order in float32 against the same graph in float64.
 */
class SinglePrecisionGradientsTest {
  private static final double TOLERANCE = 2e-5;

  @ParameterizedTest
  @MethodSource("io.acclimate.runtime.autodiff.ActivationGradientsTest#activations")
  void activations(String op, Attributes attributes) {
    check(op.equals("Swish") ? 24 : 20, op, attributes, shape(3, 4));
  }

  static Stream<Arguments> normalisations() {
    Attributes axis = Attributes.of("axis", 1);
    Attributes groups = Attributes.of("num_groups", 2);
    long[] channels = shape(4);
    return Stream.of(
        Arguments.of(20, "LayerNormalization", axis, List.of(shape(2, 3, 4), channels, channels)),
        Arguments.of(20, "LayerNormalization", axis, List.of(shape(2, 3, 4), shape(3, 1))),
        Arguments.of(23, "RMSNormalization", axis, List.of(shape(2, 3, 4), shape(3, 4))),
        Arguments.of(18, "GroupNormalization", groups, List.of(shape(2, 4, 3), shape(2), shape(2))),
        Arguments.of(21, "GroupNormalization", groups, List.of(shape(2, 4, 3), channels, channels)),
        Arguments.of(
            20,
            "InstanceNormalization",
            Attributes.NONE,
            List.of(shape(2, 4, 3), channels, channels)),
        Arguments.of(
            20,
            "BatchNormalization",
            Attributes.NONE,
            List.of(shape(2, 4, 3), channels, channels, channels, channels)));
  }

  @ParameterizedTest
  @MethodSource("normalisations")
  void normalisations(int opset, String op, Attributes attributes, List<long[]> shapes) {
    check(opset, op, attributes, shapes.toArray(long[][]::new));
  }

  @ParameterizedTest
  @MethodSource("io.acclimate.runtime.autodiff.SpatialGradientsTest#convolutions")
  void convolutions(long[] x, long[] weight, Attributes attributes) {
    check(20, "Conv", attributes, x, weight, shape(weight[0]));
  }

  @ParameterizedTest
  @MethodSource("io.acclimate.runtime.autodiff.SpatialGradientsTest#transposedConvolutions")
  void transposedConvolutions(long[] x, long[] weight, Attributes attributes) {
    long channels = weight[1] * attributes.integer("group", 1);
    check(20, "ConvTranspose", attributes, x, weight, shape(channels));
  }

  @ParameterizedTest
  @MethodSource("io.acclimate.runtime.autodiff.SpatialGradientsTest#pools")
  void pools(long[] x, Attributes attributes) {
    check(20, "MaxPool", attributes, x);
    check(20, "AveragePool", attributes, x);
    check(20, "AveragePool", attributes.and("count_include_pad", 1), x);
    check(20, "GlobalAveragePool", Attributes.NONE, x);
    check(20, "GlobalMaxPool", Attributes.NONE, x);
  }

  private static void check(int opset, String op, Attributes attributes, long[]... shapes) {
    GraphBuilder graph = new GraphBuilder(op);
    graph.opset("", opset);
    List<String> names = new ArrayList<>();
    for (long[] shape : shapes) {
      names.add(graph.input("x" + names.size(), ValueType.of(DType.FLOAT32, shape)));
    }
    String y = graph.ops().tanh(graph.node(op, attributes, names.toArray(String[]::new)));
    Map<String, String> first = Autodiff.gradients(graph, loss(graph, List.of(y)), names);
    first.forEach((name, gradient) -> graph.output("first." + name, gradient));
    String change = loss(graph, new ArrayList<>(first.values()));
    Map<String, String> second = Autodiff.gradients(graph, change, names);
    second.forEach((name, gradient) -> graph.output("second." + name, gradient));
    compare(graph.build());
  }

  private static String loss(GraphBuilder graph, List<String> values) {
    Ops ops = graph.ops();
    Random random = new Random(3);
    String total = null;
    for (String value : values) {
      long[] sizes = graph.type(value).shape().sizes();
      double[] weights = random.doubles(Tensor.elements(sizes), -1, 1).toArray();
      String weight = graph.constant(Constant.ofDoubles(DType.FLOAT32, weights, sizes));
      String sum = ops.reduceSum(ops.mul(value, weight), false);
      total = total == null ? sum : ops.add(total, sum);
    }
    return total;
  }

  private static void compare(ModelGraph graph) {
    ModelGraph wide = DoublePrecision.of(graph);
    Random random = new Random(5);
    Map<String, Tensor> narrowInputs = new LinkedHashMap<>();
    Map<String, Tensor> wideInputs = new LinkedHashMap<>();
    for (String name : graph.inputs()) {
      Tensor narrow = graph.type(name).allocate();
      Tensor same = wide.type(name).allocate();
      for (int i = 0; i < narrow.elements(); i++) {
        float value = 0.2f + random.nextFloat();
        narrow.floats().put(i, value);
        same.doubles().put(i, value);
      }
      narrowInputs.put(name, narrow);
      wideInputs.put(name, same);
    }
    Map<String, Tensor> narrow = run(graph, narrowInputs);
    Map<String, Tensor> exact = run(wide, wideInputs);
    for (String name : graph.outputs()) {
      double[] expected = exact.get(name).toDoubleArray();
      float[] found = narrow.get(name).toFloatArray();
      for (int i = 0; i < expected.length; i++) {
        double allowed = TOLERANCE * Math.max(1, Math.abs(expected[i]));
        assertEquals(expected[i], found[i], allowed, name);
      }
    }
  }

  private static Map<String, Tensor> run(ModelGraph graph, Map<String, Tensor> inputs) {
    Map<String, Tensor> outputs = new LinkedHashMap<>();
    graph.outputs().forEach(name -> outputs.put(name, graph.type(name).allocate()));
    try (GraphSession session =
        GraphSession.open("check", OnnxFormat.toBytes(graph), new ModelOptions(Device.CPU, 1))) {
      session.run(inputs, outputs);
    }
    return outputs;
  }
}
