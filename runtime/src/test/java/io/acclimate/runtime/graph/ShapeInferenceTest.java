package io.acclimate.runtime.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl;
import com.google.protobuf.InvalidProtocolBufferException;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.OrtRuns;
import io.acclimate.runtime.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Inferred types are those that ONNX Runtime gives. */
class ShapeInferenceTest {
  private static final Attributes NONE = Attributes.NONE;

  /**
   * One operator to run.
   *
   * @param operands each a {@link ValueType} for an input, a {@link Constant}, or "" where none is
   *     given
   */
  record Case(String op, Attributes attributes, int results, List<Object> operands) {}

  private static Case of(String op, Attributes attributes, Object... operands) {
    return new Case(op, attributes, 1, List.of(operands));
  }

  private static Case of(String op, Object... operands) {
    return of(op, NONE, operands);
  }

  private static Case several(String op, int results, Attributes attributes, Object... operands) {
    return new Case(op, attributes, results, List.of(operands));
  }

  private static ValueType floats(long... shape) {
    return ValueType.of(DType.FLOAT32, shape);
  }

  private static ValueType booleans(long... shape) {
    return ValueType.of(DType.BOOL, shape);
  }

  private static ValueType longs(long... shape) {
    return ValueType.of(DType.INT64, shape);
  }

  private static Constant list(long... values) {
    return Constant.ofList(values);
  }

  private static Constant scalar(long value) {
    return Constant.ofLongs(new long[] {value});
  }

  private static Constant numbers(double... values) {
    return Constant.ofDoubles(DType.FLOAT32, values, values.length);
  }

  private static Attributes with(String name, Object value) {
    return Attributes.of(name, value);
  }

  static Stream<Case> cases() {
    return Stream.of(
            elementwise(),
            reductions(),
            layout(),
            parts(),
            indices(),
            products(),
            windows(),
            normalisation(),
            resampling())
        .flatMap(cases -> cases);
  }

  private static Stream<Case> elementwise() {
    List<Case> cases = new ArrayList<>();
    String[] unary = {
      "Neg",
      "Reciprocal",
      "Sqrt",
      "Exp",
      "Log",
      "Abs",
      "Sign",
      "Erf",
      "Tanh",
      "Sigmoid",
      "Relu",
      "LeakyRelu",
      "Gelu",
      "Softplus",
      "Softsign",
      "Elu",
      "Celu",
      "Selu",
      "HardSwish",
      "HardSigmoid",
      "Mish",
      "ThresholdedRelu",
      "Sin",
      "Cos",
      "Tan",
      "Asin",
      "Acos",
      "Atan",
      "Sinh",
      "Cosh",
      "Asinh",
      "Acosh",
      "Atanh",
      "Shrink",
      "Floor",
      "Ceil",
      "Round",
      "Identity",
      "Softmax",
      "LogSoftmax",
      "Hardmax",
      "LpNormalization",
      "IsNaN",
      "IsInf",
      "Clip",
      "Dropout",
      "Trilu"
    };
    for (String op : unary) {
      cases.add(of(op, floats(2, 1, 3)));
    }
    for (String op : new String[] {"Add", "Sub", "Mul", "Div", "Pow", "PRelu"}) {
      cases.add(of(op, floats(2, 4, 3), floats(4, 1)));
      cases.add(of(op, floats(3, 1, 2), floats()));
    }
    for (String op : new String[] {"Add", "Mul", "Max", "Min", "Equal", "Greater"}) {
      cases.add(of(op, floats(2, 1, 3), floats(4, 1)));
      cases.add(of(op, floats(), floats(1, 1)));
      cases.add(of(op, longs(2, 1), longs(1, 2)));
    }
    for (String op : new String[] {"Sum", "Mean", "Max", "Min"}) {
      cases.add(of(op, floats(2, 1), floats(3), floats(4, 1, 1)));
    }
    for (String op : new String[] {"GreaterOrEqual", "Less", "LessOrEqual"}) {
      cases.add(of(op, floats(2, 1, 3), floats(4, 1)));
    }
    for (String op : new String[] {"And", "Or", "Xor"}) {
      cases.add(of(op, booleans(2, 1), booleans(3)));
    }
    cases.add(of("Not", booleans(2, 1)));
    cases.add(of("Mod", with("fmod", 1), floats(2, 3), floats(3)));
    cases.add(of("Pow", floats(2, 3), longs(3)));
    cases.add(of("Clip", floats(2, 3), Constant.scalar(DType.FLOAT32, 0), ""));
    cases.add(several("Dropout", 2, NONE, floats(2, 3)));
    cases.add(of("Cast", with("to", DType.INT64.onnxCode()), floats(2, 3)));
    cases.add(of("Cast", with("to", DType.FLOAT16.onnxCode()), longs()));
    cases.add(of("Where", booleans(2, 1), floats(3), floats(4, 1, 1)));
    cases.add(of("Where", booleans(1), floats(), floats()));
    cases.add(of("CumSum", floats(2, 3), scalar(-1)));
    cases.add(of("MeanVarianceNormalization", floats(2, 3, 2, 2)));
    cases.add(of("LRN", with("size", 3), floats(2, 3, 2, 2)));
    return cases.stream();
  }

  private static Stream<Case> reductions() {
    List<Case> cases = new ArrayList<>();
    String[] ops = {
      "ReduceSum",
      "ReduceMean",
      "ReduceMax",
      "ReduceMin",
      "ReduceProd",
      "ReduceL1",
      "ReduceL2",
      "ReduceSumSquare",
      "ReduceLogSum",
      "ReduceLogSumExp"
    };
    for (String op : ops) {
      for (boolean keep : new boolean[] {true, false}) {
        Attributes attributes = with("keepdims", keep);
        cases.add(of(op, attributes, floats(2, 3, 4)));
        cases.add(of(op, attributes, floats(2, 3, 4), list(-1, 0)));
        cases.add(of(op, attributes, floats(2, 3, 4), list()));
        cases.add(of(op, attributes.and("noop_with_empty_axes", 1), floats(2, 3), list()));
      }
    }
    for (String op : new String[] {"ArgMax", "ArgMin"}) {
      cases.add(of(op, floats(2, 3, 4)));
      cases.add(of(op, with("axis", -1).and("keepdims", 0), floats(2, 3, 4)));
    }
    return cases.stream();
  }

  private static Stream<Case> layout() {
    List<Case> cases = new ArrayList<>();
    long[][] targets = {{-1}, {4, -1}, {0, 0, -1}, {8, 0, 1, -1}, {2, 12}, {0, 3, 4}};
    for (long[] target : targets) {
      cases.add(of("Reshape", floats(2, 3, 4), list(target)));
    }
    cases.add(of("Reshape", with("allowzero", 1), floats(0, 3), list(3, 0)));
    cases.add(of("Reshape", floats(1, 1), list()));
    cases.add(of("Transpose", floats(2, 3, 4)));
    cases.add(of("Transpose", with("perm", new long[] {1, 2, 0}), floats(2, 3, 4)));
    cases.add(of("Squeeze", floats(1, 2, 1)));
    cases.add(of("Squeeze", floats(1, 2, 1), list(-1)));
    cases.add(of("Unsqueeze", floats(2, 3), list(0, -1)));
    cases.add(of("Unsqueeze", floats(2, 3), list(3, 1)));
    cases.add(of("Unsqueeze", floats(), list(0, 1)));
    for (long axis : new long[] {0, 1, 2, 3, -1, -3}) {
      cases.add(of("Flatten", with("axis", axis), floats(2, 3, 4)));
    }
    cases.add(of("Expand", floats(2, 1, 3), list(4, 1, 5, 1)));
    cases.add(of("Expand", floats(3), list(1)));
    cases.add(of("Expand", floats(), list(2, 0)));
    cases.add(of("Shape", floats(2, 3, 4)));
    cases.add(of("Shape", with("start", -2), floats(2, 3, 4)));
    cases.add(of("Shape", with("start", 1).and("end", -1), floats(2, 3, 4)));
    cases.add(of("Shape", with("start", 2).and("end", 1), floats(2, 3, 4)));
    cases.add(of("Shape", with("start", -9).and("end", 9), floats()));
    cases.add(of("Size", floats(2, 3)));
    cases.add(of("ConstantOfShape", list(2, 0, 3)));
    cases.add(of("ConstantOfShape", with("value", list(7)), list()));
    return cases.stream();
  }

  private static Stream<Case> parts() {
    List<Case> cases = new ArrayList<>();
    cases.add(of("Concat", with("axis", 1), floats(2, 3), floats(2, 1), floats(2, 0)));
    cases.add(of("Concat", with("axis", -2), floats(2, 3), floats(1, 3)));
    cases.add(several("Split", 3, with("axis", -1).and("num_outputs", 3), floats(2, 7)));
    cases.add(several("Split", 2, NONE, floats(5, 2), list(1, 4)));
    long max = Long.MAX_VALUE;
    long min = Long.MIN_VALUE;
    long[][] ranges = {
      {0, max, 1},
      {1, -1, 1},
      {-2, max, 1},
      {0, 5, 2},
      {1, 5, 3},
      {-1, min, -1},
      {4, 0, -2},
      {-100, 100, 2},
      {100, -100, -1},
      {3, 1, 1},
      {1, 3, -1},
      {-100, min, -1},
      {0, max, max},
      {4, min, min + 1},
      {-1, -1, 1},
      {2, -6, -1}
    };
    for (long[] range : ranges) {
      cases.add(of("Slice", floats(2, 5), list(range[0]), list(range[1]), list(1), list(range[2])));
    }
    cases.add(of("Slice", floats(2, 5, 3), list(0, 1), list(1, 4)));
    cases.add(of("Slice", floats(2, 5, 3), list(0, 1), list(1, 4), list(-1, 0)));
    cases.add(of("Slice", floats(0, 5), list(-1), list(min), list(0), list(-1)));
    for (String mode : new String[] {"constant", "reflect", "edge", "wrap"}) {
      cases.add(of("Pad", with("mode", mode), floats(3, 4), list(1, 0, 2, 3)));
    }
    cases.add(of("Pad", floats(3, 4), list(-1, 2, 0, -2)));
    cases.add(of("Pad", floats(3, 4), list(1, 2), "", list(-1)));
    cases.add(of("Tile", floats(2, 1, 3), list(1, 4, 2)));
    cases.add(of("Tile", floats(2), list(0)));
    return cases.stream();
  }

  private static Stream<Case> indices() {
    List<Case> cases = new ArrayList<>();
    for (int axis = -3; axis < 3; axis++) {
      cases.add(of("Gather", with("axis", axis), floats(2, 3, 4), longs(5, 1)));
      cases.add(of("Gather", with("axis", axis), floats(2, 3, 4), longs()));
    }
    cases.add(of("GatherElements", with("axis", -1), floats(2, 3), longs(2, 5)));
    cases.add(of("GatherND", floats(2, 3, 4), longs(5, 2)));
    cases.add(of("GatherND", floats(2, 3, 4), longs(3)));
    cases.add(of("GatherND", with("batch_dims", 1), floats(2, 3, 4), longs(2, 5, 1)));
    Attributes adding = with("reduction", "add");
    cases.add(of("ScatterElements", adding, floats(2, 3), longs(1, 2), floats(1, 2)));
    cases.add(of("ScatterND", adding, floats(2, 3), longs(5, 1), floats(5, 3)));
    for (int axis : new int[] {-1, 0, 1, -3}) {
      cases.add(of("OneHot", with("axis", axis), longs(2, 3), scalar(5), numbers(0, 1)));
    }
    cases.add(of("OneHot", longs(2), list(4), numbers(0, 1)));
    cases.add(several("TopK", 2, NONE, floats(2, 5), list(3)));
    cases.add(several("TopK", 2, with("axis", 0), floats(4, 2), list(1)));
    cases.add(of("Range", scalar(2), scalar(11), scalar(3)));
    cases.add(of("Range", scalar(5), scalar(0), scalar(-2)));
    cases.add(of("Range", scalar(5), scalar(0), scalar(2)));
    cases.add(
        of(
            "Range",
            Constant.scalar(DType.FLOAT32, 0),
            Constant.scalar(DType.FLOAT32, 1),
            Constant.scalar(DType.FLOAT32, 0.25)));
    cases.add(of("EyeLike", floats(2, 3)));
    cases.add(of("EyeLike", with("dtype", DType.INT64.onnxCode()).and("k", 1), floats(3, 3)));
    return cases.stream();
  }

  private static Stream<Case> products() {
    List<Case> cases = new ArrayList<>();
    cases.add(of("MatMul", floats(2, 3), floats(3, 4)));
    cases.add(of("MatMul", floats(3), floats(3)));
    cases.add(of("MatMul", floats(3), floats(2, 3, 4)));
    cases.add(of("MatMul", floats(2, 4, 3), floats(3)));
    cases.add(of("MatMul", floats(5, 1, 2, 3), floats(4, 3, 2)));
    cases.add(of("Gemm", floats(2, 3), floats(3, 4), floats(4)));
    cases.add(of("Gemm", with("transA", 1).and("transB", 1), floats(3, 2), floats(4, 3)));
    cases.add(of("Gemm", floats(2, 3), floats(3, 4), floats(2, 1)));
    cases.add(of("Einsum", with("equation", "ij,jk->ki"), floats(2, 3), floats(3, 4)));
    cases.add(of("Einsum", with("equation", "ij,jk"), floats(2, 3), floats(3, 4)));
    cases.add(of("Einsum", with("equation", "zb,ab"), floats(2, 3), floats(4, 3)));
    cases.add(of("Einsum", with("equation", "...ii->...i"), floats(2, 3, 3)));
    cases.add(of("Einsum", with("equation", "b...i,ij->b...j"), floats(2, 4, 1, 3), floats(3, 5)));
    cases.add(of("Einsum", with("equation", "ij->"), floats(2, 3)));
    cases.add(of("Einsum", with("equation", "ij,ij->ij"), floats(2, 1), floats(1, 3)));
    return cases.stream();
  }

  private static Stream<Case> windows() {
    List<Case> cases = new ArrayList<>();
    long[] two = {2, 2};
    cases.add(of("Conv", floats(2, 4, 7, 6), floats(3, 4, 3, 2)));
    cases.add(of("Conv", with("group", 2), floats(2, 4, 7), floats(6, 2, 3), floats(6)));
    Attributes strided =
        with("strides", two).and("dilations", two).and("pads", new long[] {1, 0, 2, 1});
    cases.add(of("Conv", strided, floats(1, 1, 9, 8), floats(1, 1, 3, 3)));
    for (String auto : new String[] {"SAME_UPPER", "SAME_LOWER", "VALID"}) {
      Attributes attributes = with("auto_pad", auto).and("strides", two);
      cases.add(of("Conv", attributes, floats(1, 1, 9, 8), floats(1, 1, 3, 2)));
      cases.add(of("ConvTranspose", attributes, floats(1, 1, 4, 3), floats(1, 2, 3, 2)));
      cases.add(of("MaxPool", attributes.and("kernel_shape", two), floats(1, 1, 5, 4)));
      cases.add(of("AveragePool", attributes.and("kernel_shape", two), floats(1, 1, 5, 4)));
    }
    cases.add(of("ConvTranspose", floats(2, 4, 5, 6), floats(4, 3, 3, 2)));
    Attributes wide = with("strides", new long[] {3, 2}).and("output_padding", new long[] {1, 0});
    cases.add(of("ConvTranspose", wide, floats(2, 4, 5, 6), floats(4, 3, 3, 2)));
    cases.add(
        of(
            "ConvTranspose",
            with("strides", two).and("output_shape", new long[] {10, 11}).and("group", 2),
            floats(1, 4, 5, 5),
            floats(4, 3, 3, 3)));
    for (int ceil = 0; ceil < 2; ceil++) {
      for (long size = 4; size < 10; size++) {
        Attributes pooled =
            with("kernel_shape", new long[] {3})
                .and("strides", new long[] {3})
                .and("pads", new long[] {1, 1})
                .and("ceil_mode", ceil);
        cases.add(several("MaxPool", 2, pooled, floats(1, 2, size)));
        cases.add(of("AveragePool", pooled, floats(1, 2, size)));
      }
    }
    cases.add(of("GlobalAveragePool", floats(2, 3, 4, 5)));
    cases.add(of("GlobalMaxPool", floats(2, 3, 4)));
    return cases.stream();
  }

  private static Stream<Case> normalisation() {
    ValueType channels = floats(4);
    return Stream.of(
        of("BatchNormalization", floats(2, 4, 3), channels, channels, channels, channels),
        of("InstanceNormalization", floats(2, 4, 3), channels, channels),
        of("GroupNormalization", with("num_groups", 2), floats(2, 4, 3), floats(2), floats(2)),
        several("LayerNormalization", 3, NONE, floats(2, 3, 4), channels, channels),
        several("LayerNormalization", 3, with("axis", 1), floats(2, 3, 4), floats(3, 4)),
        several(
            "SoftmaxCrossEntropyLoss", 2, with("reduction", "none"), floats(2, 3, 4), longs(2, 4)),
        of("SoftmaxCrossEntropyLoss", floats(2, 3), longs(2)));
  }

  private static Stream<Case> resampling() {
    List<Case> cases = new ArrayList<>();
    cases.add(of("DepthToSpace", with("blocksize", 2), floats(1, 8, 2, 3)));
    cases.add(of("SpaceToDepth", with("blocksize", 2), floats(1, 3, 4, 2)));
    cases.add(of("Resize", floats(1, 2, 3, 4), "", numbers(1, 1, 2, 1.6)));
    cases.add(of("Resize", floats(1, 2, 10, 10), "", numbers(1, 1, 0.7, 0.3)));
    cases.add(of("Resize", floats(1, 2, 3, 4), "", "", list(1, 2, 5, 7)));
    Attributes axes = with("axes", new long[] {-1, 2});
    cases.add(of("Resize", axes, floats(1, 2, 3, 4), "", "", list(5, 7)));
    cases.add(of("Resize", axes, floats(1, 2, 3, 4), "", numbers(2, 3)));
    cases.add(of("GridSample", floats(2, 3, 4, 5), floats(2, 6, 7, 2)));
    return cases.stream();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void agreesWithOnnxRuntime(Case one) throws InvalidProtocolBufferException {
    GraphBuilder graph = new GraphBuilder("case");
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    List<String> operands = new ArrayList<>();
    for (Object operand : one.operands()) {
      if (operand instanceof ValueType type) {
        String name = graph.input("x" + inputs.size(), type);
        inputs.put(name, filled(type));
        operands.add(name);
      } else if (operand instanceof Constant constant) {
        operands.add(graph.constant(constant));
      } else {
        operands.add("");
      }
    }
    List<String> results =
        graph.nodes(one.op(), one.attributes(), one.results(), operands.toArray(String[]::new));
    results.forEach(graph::output);
    ModelGraph built = graph.build();
    Map<String, Tensor> outputs = OrtRuns.run(withoutOutputShapes(built), inputs);
    for (String result : results) {
      assertEquals(outputs.get(result).toString(), built.type(result).toString());
    }
  }

  /** Ones, which are in the domain of every operator and valid indices. */
  private static Tensor filled(ValueType type) {
    double[] ones = new double[(int) type.shape().elements()];
    Arrays.fill(ones, 1);
    return Constant.ofDoubles(type.type(), ones, type.shape().sizes()).toTensor();
  }

  private static byte[] withoutOutputShapes(ModelGraph graph)
      throws InvalidProtocolBufferException {
    OnnxMl.ModelProto.Builder model =
        OnnxMl.ModelProto.parseFrom(OnnxFormat.toBytes(graph)).toBuilder();
    model
        .getGraphBuilder()
        .getOutputBuilderList()
        .forEach(output -> output.getTypeBuilder().getTensorTypeBuilder().clearShape());
    return model.build().toByteArray();
  }

  @Test
  void everyRuleIsCompared() {
    Set<String> missing = new TreeSet<>(ShapeInference.known());
    cases().forEach(one -> missing.remove(one.op()));
    missing.removeIf(op -> op.startsWith(Markers.DOMAIN));
    // results whose size depends on the values, and operators newer than the set that is written
    missing.removeAll(Set.of("NonZero", "Swish", "RMSNormalization"));
    assertEquals(Set.of(), missing);
  }

  private static void assertRefused(String part, Case one) {
    AcclimateException e =
        assertThrows(
            AcclimateException.class, () -> new ShapeInferenceTest().agreesWithOnnxRuntime(one));
    assertTrue(e.getMessage().contains(part), e.getMessage());
    assertTrue(e.getMessage().contains(one.op()), e.getMessage());
  }

  @Test
  void operandsThatDoNotFitAreRefused() {
    assertRefused("cannot be broadcast", of("Add", floats(2), floats(3)));
    assertRefused("one element type", of("Add", floats(2), longs(2)));
    assertRefused("inner dimensions", of("MatMul", floats(2, 3), floats(2, 3)));
    assertRefused("expected matrices", of("MatMul", floats(), floats(2)));
    assertRefused("cannot reshape", of("Reshape", floats(2, 3), list(4, -1)));
    assertRefused("cannot reshape", of("Reshape", floats(2, 3), list(7)));
    assertRefused("does not exist", of("Reshape", floats(2), list(2, 0)));
    assertRefused("expected a size", of("Reshape", floats(2), list(-2)));
    assertRefused("not of size 1", of("Squeeze", floats(2, 3), list(0)));
    assertRefused("cannot put axes", of("Unsqueeze", floats(2), list(0, 0)));
    assertRefused("cannot put axes", of("Unsqueeze", floats(2), list(5)));
    assertRefused("does not exist", of("Flatten", with("axis", 4), floats(2)));
    assertRefused("does not fit", of("Transpose", with("perm", new long[] {0, 0}), floats(2, 3)));
    assertRefused("cannot join", of("Concat", with("axis", 0), floats(2, 3), floats(2, 4)));
    assertRefused("do not make up", several("Split", 2, NONE, floats(5), list(1, 3)));
    assertRefused("cannot slice", of("Slice", floats(2), list(0), list(1), list(0), list(0)));
    assertRefused("expected 4 paddings", of("Pad", floats(2, 3), list(1, 1)));
    assertRefused("repeat for each axis", of("Tile", floats(2, 3), list(2)));
    assertRefused("does not exist", of("Gather", with("axis", 2), floats(2, 3), longs(1)));
    assertRefused("fixed depth", of("GatherND", floats(2), longs(1, 2)));
    assertRefused("does not fit", of("Einsum", with("equation", "ij->i"), floats(2)));
    assertRefused("2 terms", of("Einsum", with("equation", "i,i->i"), floats(2)));
    assertRefused("has sizes", of("Einsum", with("equation", "i,i->i"), floats(2), floats(3)));
    assertRefused("each once", of("Einsum", with("equation", "i->ij"), floats(2)));
    assertRefused("not square", of("Einsum", with("equation", "ii->i"), floats(2, 3)));
    assertRefused("does not fit weight", of("Conv", floats(1, 2, 5), floats(1, 3, 2)));
    assertRefused("does not fit an axis", of("Conv", floats(1, 1, 2), floats(1, 1, 3)));
    assertRefused("cannot be split", of("SpaceToDepth", with("blocksize", 2), floats(1, 1, 3, 2)));
    assertRefused("no shape rule", of("Unheard", floats(2)));
    assertRefused("input 1 is missing", of("MatMul", floats(2, 2)));
    assertRefused("too large", of("Tile", floats(1L << 20, 2), list(1L << 50, 1)));
  }
}
