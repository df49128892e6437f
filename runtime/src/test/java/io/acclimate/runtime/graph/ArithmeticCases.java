package io.acclimate.runtime.graph;

import static io.acclimate.runtime.graph.ShapeCase.booleans;
import static io.acclimate.runtime.graph.ShapeCase.floats;
import static io.acclimate.runtime.graph.ShapeCase.list;
import static io.acclimate.runtime.graph.ShapeCase.longs;
import static io.acclimate.runtime.graph.ShapeCase.of;
import static io.acclimate.runtime.graph.ShapeCase.scalar;
import static io.acclimate.runtime.graph.ShapeCase.several;
import static io.acclimate.runtime.graph.ShapeCase.with;

import io.acclimate.runtime.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Operators that compute: element by element, along axes, products and normalisation. */
final class ArithmeticCases {
  private ArithmeticCases() {}

  static Stream<ShapeCase> all() {
    return Stream.of(elementwise(), reductions(), products(), normalisation())
        .flatMap(cases -> cases);
  }

  private static Stream<ShapeCase> elementwise() {
    List<ShapeCase> cases = new ArrayList<>();
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
    cases.add(several("Dropout", 2, Attributes.NONE, floats(2, 3)));
    cases.add(of("Cast", with("to", DType.INT64.onnxCode()), floats(2, 3)));
    cases.add(of("Cast", with("to", DType.FLOAT16.onnxCode()), longs()));
    cases.add(of("Where", booleans(2, 1), floats(3), floats(4, 1, 1)));
    cases.add(of("Where", booleans(1), floats(), floats()));
    cases.add(of("CumSum", floats(2, 3), scalar(-1)));
    cases.add(of("MeanVarianceNormalization", floats(2, 3, 2, 2)));
    cases.add(of("LRN", with("size", 3), floats(2, 3, 2, 2)));
    return cases.stream();
  }

  private static Stream<ShapeCase> reductions() {
    List<ShapeCase> cases = new ArrayList<>();
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

  private static Stream<ShapeCase> products() {
    List<ShapeCase> cases = new ArrayList<>();
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

  private static Stream<ShapeCase> normalisation() {
    ValueType channels = floats(4);
    return Stream.of(
        of("BatchNormalization", floats(2, 4, 3), channels, channels, channels, channels),
        of("InstanceNormalization", floats(2, 4, 3), channels, channels),
        of("GroupNormalization", with("num_groups", 2), floats(2, 4, 3), floats(2), floats(2)),
        several("LayerNormalization", 3, Attributes.NONE, floats(2, 3, 4), channels, channels),
        several("LayerNormalization", 3, with("axis", 1), floats(2, 3, 4), floats(3, 4)),
        several(
            "SoftmaxCrossEntropyLoss", 2, with("reduction", "none"), floats(2, 3, 4), longs(2, 4)),
        of("SoftmaxCrossEntropyLoss", floats(2, 3), longs(2)));
  }
}
