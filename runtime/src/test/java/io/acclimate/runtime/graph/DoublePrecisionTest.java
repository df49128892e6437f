package io.acclimate.runtime.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.Device;
import io.acclimate.runtime.GraphSession;
import io.acclimate.runtime.ModelOptions;
import io.acclimate.runtime.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class DoublePrecisionTest {
  private static final double[] GRID =
      IntStream.rangeClosed(-1600, 1600).mapToDouble(i -> i / 200.0 + 1e-4).toArray();

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  private static double softplus(double x) {
    return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
  }

  /** The series without alternating signs, which loses no digits. */
  private static double erf(double x) {
    double term = x;
    double sum = x;
    for (int n = 1; term != 0 && n < 400; n++) {
      term *= 2 * x * x / (2 * n + 1);
      sum += term;
    }
    return 2 / Math.sqrt(Math.PI) * Math.exp(-x * x) * sum;
  }

  static Stream<Arguments> functions() {
    DoubleUnaryOperator elu = x -> x > 0 ? x : Math.expm1(x);
    double alpha = 1.67326319f;
    double gamma = 1.05070102f;
    return Stream.of(
        function("Erf", DoublePrecisionTest::erf),
        function("Gelu", x -> x * (1 + erf(x / Math.sqrt(2))) / 2),
        function("Softplus", DoublePrecisionTest::softplus),
        function("Mish", x -> x * Math.tanh(softplus(x))),
        function("Swish", x -> x * sigmoid(x)),
        function("Softsign", x -> x / (1 + Math.abs(x))),
        function("LeakyRelu", x -> x > 0 ? x : 0.01f * x),
        function("ThresholdedRelu", x -> x > 1 ? x : 0),
        function("Elu", elu),
        function("Celu", elu),
        function("Selu", x -> gamma * (x > 0 ? x : alpha * Math.expm1(x))),
        function("HardSigmoid", x -> Math.max(0, Math.min(1, 0.2f * x + 0.5))),
        function("HardSwish", x -> x * Math.max(0, Math.min(1, (float) (1.0 / 6) * x + 0.5))),
        function("Sin", Math::sin),
        function("Cos", Math::cos),
        function("Tanh", Math::tanh),
        function("Sigmoid", DoublePrecisionTest::sigmoid),
        function("Exp", Math::exp));
  }

  private static Arguments function(String op, DoubleUnaryOperator expected) {
    return Arguments.of(op, expected);
  }

  @ParameterizedTest
  @MethodSource("functions")
  void functionsAreExact(String op, DoubleUnaryOperator expected) {
    GraphBuilder graph = new GraphBuilder("function");
    String x = graph.input("x", ValueType.of(DType.FLOAT32, GRID.length));
    graph.output("y", graph.node(op, Attributes.NONE, x));
    Tensor input = Tensor.allocate(DType.FLOAT64, GRID.length);
    input.doubles().put(GRID);
    Tensor output = run(DoublePrecision.of(graph.build()), Map.of("x", input)).get("y");
    for (int i = 0; i < GRID.length; i++) {
      double exact = expected.applyAsDouble(GRID[i]);
      double error = Math.abs(output.doubles().get(i) - exact) / Math.max(1, Math.abs(exact));
      assertTrue(error <= 1e-14, op + "(" + GRID[i] + "): error " + error);
    }
  }

  @Test
  void errorFunctionAtKnownPlaces() {
    double[] places = {0, 0.1, 0.46875, 0.5, 1, -2, 3, 5, -7};
    double[] values = {
      0,
      0.1124629160182849,
      0.4926134732179380,
      0.5204998778130465,
      0.8427007929497149,
      -0.9953222650189527,
      0.9999779095030014,
      0.9999999999984625,
      -1
    };
    GraphBuilder graph = new GraphBuilder("erf");
    String x = graph.input("x", ValueType.of(DType.FLOAT64, places.length));
    graph.output("y", graph.node("Erf", Attributes.NONE, x));
    Tensor input = Tensor.allocate(DType.FLOAT64, places.length);
    input.doubles().put(places);
    Tensor output = run(DoublePrecision.of(graph.build()), Map.of("x", input)).get("y");
    for (int i = 0; i < places.length; i++) {
      assertEquals(values[i], output.doubles().get(i), 1e-15);
    }
  }

  private static long[] shape(long... sizes) {
    return sizes;
  }

  static Stream<Arguments> operators() {
    Attributes axis = Attributes.of("axis", 1);
    Attributes groups = Attributes.of("num_groups", 2);
    return Stream.of(
        Arguments.of(20, "LayerNormalization", axis, List.of(shape(2, 3, 4), shape(4), shape(4))),
        Arguments.of(23, "RMSNormalization", axis, List.of(shape(2, 3, 4), shape(3, 4))),
        Arguments.of(18, "GroupNormalization", groups, List.of(shape(2, 4, 3), shape(2), shape(2))),
        Arguments.of(21, "GroupNormalization", groups, List.of(shape(2, 4, 3), shape(4), shape(4))),
        Arguments.of(
            20,
            "InstanceNormalization",
            Attributes.of("epsilon", 0.1),
            List.of(shape(2, 3, 4), shape(3), shape(3))),
        Arguments.of(20, "PRelu", Attributes.NONE, List.of(shape(2, 3, 4), shape(3, 1))),
        Arguments.of(20, "Gelu", Attributes.of("approximate", "tanh"), List.of(shape(1, 4))),
        Arguments.of(24, "Swish", Attributes.of("alpha", 1.7), List.of(shape(5))),
        Arguments.of(20, "GlobalAveragePool", Attributes.NONE, List.of(shape(2, 3, 4, 2))),
        Arguments.of(20, "GlobalMaxPool", Attributes.NONE, List.of(shape(2, 3, 4))));
  }

  @ParameterizedTest
  @MethodSource("operators")
  void agreesWithSinglePrecision(int opset, String op, Attributes attributes, List<long[]> shapes) {
    compare(opset, op, attributes, shapes);
  }

  @ParameterizedTest
  @MethodSource("io.acclimate.runtime.autodiff.SpatialGradientsTest#convolutions")
  void convolutionsAgree(long[] x, long[] weight, Attributes attributes) {
    compare(20, "Conv", attributes, List.of(x, weight, shape(weight[0])));
  }

  @ParameterizedTest
  @MethodSource("io.acclimate.runtime.autodiff.SpatialGradientsTest#transposedConvolutions")
  void transposedConvolutionsAgree(long[] x, long[] weight, Attributes attributes) {
    long channels = weight[1] * attributes.integer("group", 1);
    compare(20, "ConvTranspose", attributes, List.of(x, weight, shape(channels)));
  }

  @ParameterizedTest
  @MethodSource("io.acclimate.runtime.autodiff.SpatialGradientsTest#pools")
  void averagesAgree(long[] x, Attributes attributes) {
    compare(20, "AveragePool", attributes, List.of(x));
    compare(20, "AveragePool", attributes.and("count_include_pad", 1), List.of(x));
  }

  @ParameterizedTest
  @ValueSource(strings = {"none", "sum", "mean"})
  void crossEntropiesAgree(String reduction) {
    for (boolean weighted : new boolean[] {false, true}) {
      for (long ignored : new long[] {-1, 2}) {
        GraphBuilder graph = new GraphBuilder("loss");
        String scores = graph.input("x0", ValueType.of(DType.FLOAT32, 2, 3, 2));
        String labels = graph.constant(Constant.ofLongs(new long[] {0, 2, 2, 1}, 2, 2));
        String[] operands = {scores, labels, graph.input("x1", ValueType.of(DType.FLOAT32, 3))};
        Attributes attributes = Attributes.of("reduction", reduction).and("ignore_index", ignored);
        String loss =
            graph.node(
                "SoftmaxCrossEntropyLoss", attributes, Arrays.copyOf(operands, weighted ? 3 : 2));
        graph.output("y", loss);
        compare(graph.build());
      }
    }
  }

  /** ONNX Runtime fuses these, to operators for which it has no double kernels. */
  @Test
  void sequencesThatAreFusedInSinglePrecisionAgree() {
    GraphBuilder graph = new GraphBuilder("fused");
    Ops ops = graph.ops();
    String x = graph.input("x0", ValueType.of(DType.FLOAT32, 2, 3));
    String gated = ops.mul(x, ops.sigmoid(ops.mul(x, 1.7)));
    String zero = ops.scalarLike(x, 0);
    String clipped = ops.op("Clip", Attributes.NONE, ops.relu(x), zero, ops.scalarLike(x, 0.5));
    graph.output("y", ops.add(gated, clipped));
    compare(graph.build());
  }

  @Test
  void boundsOfClipAreOptional() {
    GraphBuilder graph = new GraphBuilder("clip");
    Ops ops = graph.ops();
    String x = graph.input("x0", ValueType.of(DType.FLOAT32, 2, 3));
    String below = ops.op("Clip", Attributes.NONE, x, "", ops.scalarLike(x, 0.2));
    String above = ops.op("Clip", Attributes.NONE, x, ops.scalarLike(x, -0.3));
    graph.output("y", ops.mul(below, above));
    compare(graph.build());
  }

  @Test
  void oneHotAgrees() {
    for (int axis : new int[] {-1, 0, 1}) {
      GraphBuilder graph = new GraphBuilder("one-hot");
      String values = graph.input("x0", ValueType.of(DType.FLOAT32, 2));
      String depth = graph.constant(Constant.ofList(3));
      String classes = graph.ops().list(2, 0, 1, 1);
      graph.output("y", graph.node("OneHot", Attributes.of("axis", axis), classes, depth, values));
      compare(graph.build());
    }
  }

  private static void compare(int opset, String op, Attributes attributes, List<long[]> shapes) {
    GraphBuilder graph = new GraphBuilder(op);
    graph.opset("", opset);
    List<String> operands = new ArrayList<>();
    for (long[] shape : shapes) {
      operands.add(graph.input("x" + operands.size(), ValueType.of(DType.FLOAT32, shape)));
    }
    graph.output("y", graph.node(op, attributes, operands.toArray(String[]::new)));
    compare(graph.build());
  }

  /** Runs a graph in both precisions on the same numbers. */
  private static void compare(ModelGraph graph) {
    ModelGraph wide = DoublePrecision.of(graph);
    assertEquals(graph.inputs(), wide.inputs());
    assertEquals(graph.type("y").shape(), wide.type("y").shape());
    Random random = new Random(3);
    Map<String, Tensor> narrowInputs = new LinkedHashMap<>();
    Map<String, Tensor> wideInputs = new LinkedHashMap<>();
    for (String name : graph.inputs()) {
      Tensor narrow = graph.type(name).allocate();
      Tensor same = wide.type(name).allocate();
      for (int i = 0; i < narrow.elements(); i++) {
        float value = random.nextFloat() * 2 - 1;
        narrow.floats().put(i, value);
        same.doubles().put(i, value);
      }
      narrowInputs.put(name, narrow);
      wideInputs.put(name, same);
    }
    Tensor expected = run(graph, narrowInputs).get("y");
    Tensor found = run(wide, wideInputs).get("y");
    for (int i = 0; i < expected.elements(); i++) {
      float value = expected.floats().get(i);
      assertEquals(value, found.doubles().get(i), 1e-6 * Math.max(1, Math.abs(value)));
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

  @Test
  void everythingBecomesDouble() {
    GraphBuilder graph = new GraphBuilder("mixed");
    String half = graph.input("half", ValueType.of(DType.FLOAT16, 2));
    String whole = graph.input("whole", ValueType.of(DType.INT64, 2));
    Ops ops = graph.ops();
    String sum = ops.add(ops.cast(half, DType.FLOAT32), ops.cast(whole, DType.FLOAT32));
    String zeros = ops.op("ConstantOfShape", Attributes.NONE, ops.list(2));
    graph.output("y", ops.add(ops.mul(sum, 0.5), zeros));
    ModelGraph wide = DoublePrecision.of(graph.build());
    assertEquals(ValueType.of(DType.FLOAT64, 2), wide.type("half"));
    assertEquals(ValueType.of(DType.INT64, 2), wide.type("whole"));
    assertTrue(wide.types().values().stream().noneMatch(t -> t.type() == DType.FLOAT32));
    Tensor a = Tensor.allocate(DType.FLOAT64, 2);
    a.doubles().put(new double[] {0.25, 3});
    Tensor b = Tensor.allocate(DType.INT64, 2);
    b.longs().put(new long[] {1, -1});
    Tensor y = run(wide, Map.of("half", a, "whole", b)).get("y");
    assertEquals(0.625, y.doubles().get(0));
    assertEquals(1, y.doubles().get(1));
  }

  @Test
  void openSpaceIsRefused() {
    GraphBuilder graph = new GraphBuilder("open");
    Shape open = Shape.of(1, 2, 3).with(2, Dim.symbol("width"));
    String x = graph.input("x", new ValueType(DType.FLOAT32, open));
    String w = graph.input("w", ValueType.of(DType.FLOAT32, 2, 2, 3));
    graph.output("y", graph.node("Conv", Attributes.NONE, x, w));
    ModelGraph built = graph.build();
    AcclimateException error =
        assertThrows(AcclimateException.class, () -> DoublePrecision.of(built));
    assertTrue(error.getMessage().contains("width"), error.getMessage());
  }
}
