package io.acclimate.runtime.autodiff;

import static io.acclimate.runtime.autodiff.FiniteDifferences.shape;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.acclimate.runtime.graph.Attributes;
import io.acclimate.runtime.graph.Constant;
import io.acclimate.runtime.graph.Markers;
import io.acclimate.runtime.graph.Ops;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every operator that is promised has a rule, and every rule is compared with differences. */
class GradientRulesTest {
  private static final Attributes NONE = Attributes.NONE;
  private static final DoubleUnaryOperator AWAY_FROM_ZERO = u -> u + Math.copySign(0.3, u);
  private static final DoubleUnaryOperator POSITIVE = u -> u + 1.5;

  /** Operators of transformers, convolutional networks and the patches for them. */
  private static final List<String> PROMISED =
      List.of(
          "Add",
          "Sub",
          "Mul",
          "Div",
          "Neg",
          "Pow",
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
          "Clip",
          "Min",
          "Max",
          "Where",
          "Softmax",
          "LogSoftmax",
          "ReduceSum",
          "ReduceMean",
          "ReduceMax",
          "ReduceL2",
          "MatMul",
          "Gemm",
          "Einsum",
          "Conv",
          "ConvTranspose",
          "MaxPool",
          "AveragePool",
          "GlobalAveragePool",
          "BatchNormalization",
          "LayerNormalization",
          "GroupNormalization",
          "InstanceNormalization",
          "Reshape",
          "Transpose",
          "Squeeze",
          "Unsqueeze",
          "Flatten",
          "Concat",
          "Split",
          "Slice",
          "Pad",
          "Expand",
          "Tile",
          "Gather",
          "GatherElements",
          "ScatterElements",
          "CumSum",
          "Identity",
          "Cast",
          "Dropout",
          "TopK",
          "HardSwish",
          "Swish",
          "Reciprocal",
          "Sin",
          "Cos",
          "GatherND",
          "ScatterND",
          "ReduceSumSquare",
          "SoftmaxCrossEntropyLoss",
          "Round",
          "Floor",
          "Mod",
          "OneHot",
          "Trilu");

  /**
   * A rule at work.
   *
   * @param body appends the operator to inputs of these shapes
   * @param values maps numbers from -1 to 1 into the domain
   */
  record Check(FiniteDifferences.Body body, DoubleUnaryOperator values, long[]... shapes) {}

  private static final Map<String, Check> CHECKS = new TreeMap<>();

  private static void check(
      String op, Attributes attributes, DoubleUnaryOperator values, long[]... shapes) {
    FiniteDifferences.Body body = (ops, x) -> ops.op(op, attributes, x.toArray(String[]::new));
    CHECKS.put(op, new Check(body, values, shapes));
  }

  private static void check(String op, FiniteDifferences.Body body, long[]... shapes) {
    CHECKS.put(op, new Check(body, AWAY_FROM_ZERO, shapes));
  }

  private static String longs(Ops ops, long... values) {
    return ops.list(values);
  }

  private static String scalar(Ops ops, long value) {
    return ops.graph().constant(Constant.ofLongs(new long[] {value}));
  }

  private static String with(
      Ops ops, String op, Attributes attributes, List<String> x, String... more) {
    List<String> operands = new ArrayList<>(x);
    operands.addAll(List.of(more));
    return ops.op(op, attributes, operands.toArray(String[]::new));
  }

  static {
    elementwise();
    reductions();
    layout();
    indices();
    products();
    windows();
    normalisation();
  }

  private static void elementwise() {
    for (String op :
        List.of(
            "Neg",
            "Abs",
            "Exp",
            "Reciprocal",
            "Identity",
            "Sin",
            "Cos",
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
            "Dropout",
            "Softmax",
            "LogSoftmax")) {
      check(op, NONE, AWAY_FROM_ZERO, shape(2, 3));
    }
    check("Sqrt", NONE, POSITIVE, shape(2, 3));
    check("Log", NONE, POSITIVE, shape(2, 3));
    for (String op : List.of("Sign", "Floor", "Ceil", "Round")) {
      check(op, (ops, x) -> ops.add(x.get(0), ops.op(op, NONE, x.get(0))), shape(2, 3));
    }
    check("ThresholdedRelu", Attributes.of("alpha", 0.2), AWAY_FROM_ZERO, shape(2, 3));
    check(
        "Clip",
        (ops, x) -> with(ops, "Clip", NONE, x, ops.scalarLike(x.get(0), -0.5), ""),
        shape(2, 3));
    for (String op : List.of("Add", "Sub", "Mul", "Div", "PRelu")) {
      check(op, NONE, AWAY_FROM_ZERO, shape(2, 1, 3), shape(3));
    }
    check("Pow", NONE, POSITIVE, shape(2, 3), shape(2, 1));
    check("Mod", Attributes.of("fmod", 1), AWAY_FROM_ZERO, shape(2, 3), shape(3));
    for (String op : List.of("Sum", "Mean", "Max", "Min")) {
      check(op, NONE, AWAY_FROM_ZERO, shape(2, 1), shape(3), shape(1, 1, 1));
    }
    check(
        "Where",
        (ops, x) ->
            ops.where(ops.greater(x.get(0), ops.scalarLike(x.get(0), 0)), x.get(0), x.get(1)),
        shape(2, 3),
        shape(3));
    check("Cast", (ops, x) -> ops.cast(ops.exp(x.get(0)), ops.type(x.get(0)).type()), shape(2));
    check("CumSum", (ops, x) -> with(ops, "CumSum", NONE, x, scalar(ops, -1)), shape(2, 3));
    check("Trilu", NONE, AWAY_FROM_ZERO, shape(2, 3, 3));
    check("EyeLike", (ops, x) -> ops.mul(x.get(0), ops.op("EyeLike", NONE, x.get(0))), shape(2, 2));
  }

  private static void reductions() {
    for (String op :
        List.of(
            "ReduceSum",
            "ReduceMean",
            "ReduceMax",
            "ReduceMin",
            "ReduceProd",
            "ReduceL1",
            "ReduceL2",
            "ReduceSumSquare",
            "ReduceLogSumExp")) {
      check(op, (ops, x) -> with(ops, op, NONE, x, longs(ops, -1, 0)), shape(2, 2, 3));
    }
    CHECKS.put(
        "ReduceLogSum",
        new Check(
            (ops, x) -> with(ops, "ReduceLogSum", NONE, x, longs(ops, 1)), POSITIVE, shape(2, 3)));
  }

  private static void layout() {
    check("Reshape", (ops, x) -> ops.reshape(x.get(0), 3, -1), shape(2, 3));
    check("Transpose", NONE, AWAY_FROM_ZERO, shape(2, 3));
    check("Squeeze", NONE, AWAY_FROM_ZERO, shape(2, 1));
    check("Unsqueeze", (ops, x) -> ops.unsqueeze(x.get(0), -1), shape(2, 3));
    check("Flatten", NONE, AWAY_FROM_ZERO, shape(2, 1, 3));
    check("Expand", (ops, x) -> with(ops, "Expand", NONE, x, longs(ops, 3, 2)), shape(2));
    check("Concat", Attributes.of("axis", 0), AWAY_FROM_ZERO, shape(2), shape(3));
    Attributes halves = Attributes.of("num_outputs", 2);
    check("Split", (ops, x) -> ops.graph().nodes("Split", halves, 2, x.get(0)).get(0), shape(4));
    check("Slice", (ops, x) -> ops.slice(x.get(0), 1, 1, 3), shape(2, 4));
    check("Pad", (ops, x) -> with(ops, "Pad", NONE, x, longs(ops, 1, 2)), shape(2));
    check("Tile", (ops, x) -> with(ops, "Tile", NONE, x, longs(ops, 2, 1)), shape(2, 3));
    check("DepthToSpace", Attributes.of("blocksize", 2), AWAY_FROM_ZERO, shape(1, 4, 1, 2));
    check("SpaceToDepth", Attributes.of("blocksize", 2), AWAY_FROM_ZERO, shape(1, 1, 2, 4));
    check(
        "Resize",
        (ops, x) ->
            with(ops, "Resize", Attributes.of("mode", "linear"), x, "", "", longs(ops, 1, 1, 4, 6)),
        shape(1, 1, 2, 2));
  }

  private static void indices() {
    check("Gather", (ops, x) -> with(ops, "Gather", NONE, x, longs(ops, 2, 0, 2)), shape(3, 2));
    check(
        "GatherElements",
        (ops, x) -> with(ops, "GatherElements", NONE, x, longs(ops, 2, 0, 2)),
        shape(3));
    check(
        "GatherND",
        (ops, x) -> with(ops, "GatherND", NONE, x, ops.unsqueeze(longs(ops, 2, 0, 2), 1)),
        shape(3));
    check(
        "ScatterElements",
        (ops, x) -> ops.op("ScatterElements", NONE, x.get(0), longs(ops, 2, 0), x.get(1)),
        shape(3),
        shape(2));
    check(
        "ScatterND",
        (ops, x) ->
            ops.op("ScatterND", NONE, x.get(0), ops.unsqueeze(longs(ops, 2, 0), 1), x.get(1)),
        shape(3),
        shape(2));
    check(
        "TopK",
        (ops, x) -> ops.graph().nodes("TopK", NONE, 2, x.get(0), longs(ops, 2)).get(0),
        shape(2, 4));
    check(
        "OneHot",
        (ops, x) -> ops.op("OneHot", NONE, longs(ops, 1, 0, 2), scalar(ops, 3), x.get(0)),
        shape(2));
  }

  private static void products() {
    check("MatMul", NONE, AWAY_FROM_ZERO, shape(2, 3), shape(3, 2));
    check("Gemm", Attributes.of("transA", 1), AWAY_FROM_ZERO, shape(3, 2), shape(3, 2), shape(2));
    check(
        "Einsum", Attributes.of("equation", "ij,kj->ki"), AWAY_FROM_ZERO, shape(2, 3), shape(2, 3));
  }

  private static void windows() {
    Attributes pooled = Attributes.of("kernel_shape", new long[] {2, 2});
    check("Conv", NONE, AWAY_FROM_ZERO, shape(1, 2, 3, 3), shape(2, 2, 2, 2), shape(2));
    check("ConvTranspose", NONE, AWAY_FROM_ZERO, shape(1, 2, 2, 2), shape(2, 2, 2, 2), shape(2));
    check("MaxPool", pooled, AWAY_FROM_ZERO, shape(1, 2, 3, 3));
    check("AveragePool", pooled, AWAY_FROM_ZERO, shape(1, 2, 3, 3));
    check("GlobalAveragePool", NONE, AWAY_FROM_ZERO, shape(1, 2, 2, 3));
    check("GlobalMaxPool", NONE, AWAY_FROM_ZERO, shape(1, 2, 2, 3));
  }

  private static void normalisation() {
    check(
        "BatchNormalization",
        NONE,
        POSITIVE,
        shape(2, 2, 3),
        shape(2),
        shape(2),
        shape(2),
        shape(2));
    check("LayerNormalization", NONE, AWAY_FROM_ZERO, shape(2, 3), shape(3), shape(3));
    check("RMSNormalization", NONE, AWAY_FROM_ZERO, shape(2, 3), shape(3));
    Attributes groups = Attributes.of("num_groups", 2);
    check("GroupNormalization", groups, AWAY_FROM_ZERO, shape(2, 4, 2), shape(2), shape(2));
    check("InstanceNormalization", NONE, AWAY_FROM_ZERO, shape(1, 2, 3), shape(2), shape(2));
    check(
        "SoftmaxCrossEntropyLoss",
        (ops, x) -> with(ops, "SoftmaxCrossEntropyLoss", NONE, x, longs(ops, 2, 0)),
        shape(2, 3));
  }

  static Set<String> checked() {
    return CHECKS.keySet();
  }

  @ParameterizedTest
  @MethodSource("checked")
  void agreesWithDifferences(String op) {
    Check check = CHECKS.get(op);
    FiniteDifferences.of(check.shapes()).with(check.values()).check(check.body());
    FiniteDifferences.of(check.shapes())
        .with(check.values())
        .secondOrder()
        .check((ops, x) -> ops.exp(ops.mul(check.body().build(ops, x), 0.5)));
  }

  @Test
  void everyRuleIsChecked() {
    Set<String> rules = new TreeSet<>(GradientRules.builtInRules().operators());
    rules.removeAll(List.of(Markers.STOP_GRADIENT, Markers.STRAIGHT_THROUGH));
    assertEquals(rules, CHECKS.keySet());
  }

  @Test
  void everyPromisedOperatorHasARule() {
    Set<String> missing = new TreeSet<>(PROMISED);
    missing.removeAll(GradientRules.builtInRules().operators());
    assertEquals(Set.of(), missing);
  }
}
