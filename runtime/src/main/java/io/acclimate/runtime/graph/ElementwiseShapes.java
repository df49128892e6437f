package io.acclimate.runtime.graph;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.DType;
import java.util.List;
import java.util.Map;

/** Shape rules of operators that work element by element, with broadcasting. */
final class ElementwiseShapes {
  private static final List<String> UNARY =
      List.of(
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
          "Swish",
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
          "Clip",
          "Identity",
          "Softmax",
          "LogSoftmax",
          "Hardmax",
          "LpNormalization",
          "MeanVarianceNormalization",
          "LRN",
          "Not",
          "CumSum",
          "Trilu");
  private static final List<String> BINARY =
      List.of(
          "Add", "Sub", "Mul", "Div", "Pow", "Min", "Max", "Sum", "Mod", "PRelu", "And", "Or",
          "Xor", "Mean");
  private static final List<String> COMPARISONS =
      List.of("Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual");

  private ElementwiseShapes() {}

  static void register(Map<String, ShapeRule> rules) {
    UNARY.forEach(op -> rules.put(op, node -> List.of(node.type(0))));
    BINARY.forEach(op -> rules.put(op, ElementwiseShapes::broadcast));
    COMPARISONS.forEach(
        op -> rules.put(op, node -> List.of(broadcast(node).get(0).withType(DType.BOOL))));
    rules.put("IsNaN", node -> List.of(node.type(0).withType(DType.BOOL)));
    rules.put("IsInf", node -> List.of(node.type(0).withType(DType.BOOL)));
    rules.put(
        "Cast",
        node ->
            List.of(
                node.type(0).withType(DType.ofOnnxCode((int) node.attributes().integer("to", 0)))));
    rules.put("Where", ElementwiseShapes::where);
    rules.put("Dropout", node -> List.of(node.type(0), node.type(0).withType(DType.BOOL)));
    rules.put(Markers.STOP_GRADIENT, node -> List.of(node.type(0)));
    rules.put(Markers.STRAIGHT_THROUGH, ElementwiseShapes::straightThrough);
  }

  private static List<ValueType> broadcast(ShapeContext node) {
    ValueType result = node.type(0);
    for (int i = 1; i < node.node().inputs().size(); i++) {
      if (node.type(i).type() != result.type() && !node.node().is("Pow")) {
        throw new AcclimateException(
            "expected operands of one element type, found %s and %s"
                .formatted(result, node.type(i)));
      }
      result = result.withShape(Shape.broadcast(result.shape(), node.shape(i)));
    }
    return List.of(result);
  }

  private static List<ValueType> where(ShapeContext node) {
    if (node.type(0).type() != DType.BOOL || node.type(1).type() != node.type(2).type()) {
      throw new AcclimateException(
          "expected a condition and two operands of one element type, found %s, %s and %s"
              .formatted(node.type(0), node.type(1), node.type(2)));
    }
    Shape shape = Shape.broadcast(node.shape(0), Shape.broadcast(node.shape(1), node.shape(2)));
    return List.of(node.type(1).withShape(shape));
  }

  private static List<ValueType> straightThrough(ShapeContext node) {
    if (!node.type(0).equals(node.type(1))) {
      throw new AcclimateException(
          "expected equal types, found %s and %s".formatted(node.type(0), node.type(1)));
    }
    return List.of(node.type(0));
  }
}
