package io.acclimate.runtime.graph;

import io.acclimate.runtime.DType;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/** Element-by-element operators in double precision, written with others. */
final class ElementwiseLowerings {
  private static final double SQRT_HALF = Math.sqrt(0.5);

  /** Where the error function is 1 to the last digit. */
  private static final double ERF_SATURATED = 6;

  /** Up to here the error function comes from {@link #ERF_SMALL_UPPER}. */
  private static final double ERF_SMALL = 0.46875;

  /*
   * W. J. Cody, "Rational Chebyshev approximations for the error function", Math. Comp. 23 (1969).
   * Coefficients from the highest power down; the first pair in x^2, the second one in |x|.
   */
  private static final double[] ERF_SMALL_UPPER = {
    1.85777706184603153e-1,
    3.16112374387056560e0,
    1.13864154151050156e2,
    3.77485237685302021e2,
    3.20937758913846947e3
  };
  private static final double[] ERF_SMALL_LOWER = {
    1, 2.36012909523441209e1, 2.44024637934444173e2, 1.28261652607737228e3, 2.84423683343917062e3
  };
  private static final double[] ERFC_UPPER = {
    2.15311535474403846e-8,
    5.64188496988670089e-1,
    8.88314979438837594e0,
    6.61191906371416295e1,
    2.98635138197400131e2,
    8.81952221241769090e2,
    1.71204761263407058e3,
    2.05107837782607147e3,
    1.23033935479799725e3
  };
  private static final double[] ERFC_LOWER = {
    1,
    1.57449261107098347e1,
    1.17693950891312499e2,
    5.37181101862009858e2,
    1.62138957456669019e3,
    3.29079923573345963e3,
    4.36261909014324716e3,
    3.43936767414372164e3,
    1.23033935480374942e3
  };

  private ElementwiseLowerings() {}

  static void register(Map<String, Decomposition> lowerings) {
    lowerings.put("Erf", (ops, node, in) -> List.of(erf(ops, in.get(0))));
    lowerings.put("Sigmoid", ElementwiseLowerings::sigmoid);
    lowerings.put("Clip", ElementwiseLowerings::clip);
    lowerings.put("Gelu", ElementwiseLowerings::gelu);
    lowerings.put("Softplus", ElementwiseLowerings::softplus);
    lowerings.put("LeakyRelu", ElementwiseLowerings::leakyRelu);
    lowerings.put("HardSigmoid", ElementwiseLowerings::hardSigmoid);
    lowerings.put("Elu", ElementwiseLowerings::elu);
    lowerings.put("Celu", ElementwiseLowerings::celu);
    lowerings.put("Selu", ElementwiseLowerings::selu);
    lowerings.put("Cos", ElementwiseLowerings::cos);
    lowerings.put("OneHot", ElementwiseLowerings::oneHot);
  }

  private static String erf(Ops ops, String x) {
    String limit = ops.scalarLike(x, ERF_SATURATED);
    String magnitude = ops.min(ops.abs(x), limit);
    String square = ops.mul(magnitude, magnitude);
    String small = ops.mul(x, ratio(ops, square, ERF_SMALL_UPPER, ERF_SMALL_LOWER));
    String rest = ops.mul(ops.exp(ops.neg(square)), ratio(ops, magnitude, ERFC_UPPER, ERFC_LOWER));
    String large = ops.mul(ops.sign(x), ops.sub(ops.scalarLike(x, 1), rest));
    return ops.where(ops.less(magnitude, ops.scalarLike(x, ERF_SMALL)), small, large);
  }

  private static String ratio(Ops ops, String x, double[] upper, double[] lower) {
    return ops.div(polynomial(ops, x, upper), polynomial(ops, x, lower));
  }

  private static String polynomial(Ops ops, String x, double[] coefficients) {
    String sum = ops.scalarLike(x, coefficients[0]);
    for (int i = 1; i < coefficients.length; i++) {
      sum = ops.add(ops.mul(x, sum), coefficients[i]);
    }
    return sum;
  }

  private static List<String> gelu(Ops ops, Node node, List<String> inputs) {
    String x = inputs.get(0);
    if (node.attributes().text("approximate", "none").equals("tanh")) {
      String cubic = ops.add(ops.mul(ops.mul(x, x), 0.044715), 1);
      String inner = ops.mul(ops.mul(x, cubic), Math.sqrt(2 / Math.PI));
      return List.of(ops.mul(ops.mul(x, 0.5), ops.add(ops.tanh(inner), 1)));
    }
    String error = erf(ops, ops.mul(x, SQRT_HALF));
    return List.of(ops.mul(ops.mul(x, 0.5), ops.add(error, 1)));
  }

  /** Has a kernel, but x sigmoid(x) would be fused to an operator that has none. */
  private static List<String> sigmoid(Ops ops, Node node, List<String> inputs) {
    return List.of(ops.reciprocal(ops.add(ops.exp(ops.neg(inputs.get(0))), 1)));
  }

  /** Has a kernel, but after Relu it would be fused in a way that refuses doubles. */
  private static List<String> clip(Ops ops, Node node, List<String> inputs) {
    String y = inputs.get(0);
    if (node.hasInput(1)) {
      y = ops.max(y, inputs.get(1));
    }
    return List.of(node.hasInput(2) ? ops.min(y, inputs.get(2)) : y);
  }

  private static List<String> softplus(Ops ops, Node node, List<String> inputs) {
    String x = inputs.get(0);
    String rest = ops.log(ops.add(ops.exp(ops.neg(ops.abs(x))), 1));
    return List.of(ops.add(ops.relu(x), rest));
  }

  private static List<String> leakyRelu(Ops ops, Node node, List<String> inputs) {
    String slope = ops.scalarLike(inputs.get(0), node.attributes().number("alpha", 0.01f));
    return List.of(ops.op("PRelu", Attributes.NONE, inputs.get(0), slope));
  }

  private static List<String> hardSigmoid(Ops ops, Node node, List<String> inputs) {
    String x = inputs.get(0);
    String line = ops.mul(x, node.attributes().number("alpha", 0.2f));
    String sum = ops.add(line, node.attributes().number("beta", 0.5f));
    String zero = ops.scalarLike(x, 0);
    return List.of(ops.op("Clip", Attributes.NONE, sum, zero, ops.scalarLike(x, 1)));
  }

  private static List<String> elu(Ops ops, Node node, List<String> inputs) {
    return List.of(exponential(ops, inputs.get(0), 1, node.attributes().number("alpha", 1), 1));
  }

  private static List<String> celu(Ops ops, Node node, List<String> inputs) {
    double alpha = node.attributes().number("alpha", 1);
    return List.of(exponential(ops, inputs.get(0), 1, alpha, 1 / alpha));
  }

  private static List<String> selu(Ops ops, Node node, List<String> inputs) {
    double alpha = node.attributes().number("alpha", 1.67326319f);
    double gamma = node.attributes().number("gamma", 1.05070102f);
    return List.of(exponential(ops, inputs.get(0), gamma, gamma * alpha, 1));
  }

  /** slope x where x is positive, else scale (e^(rate x) - 1). */
  private static String exponential(Ops ops, String x, double slope, double scale, double rate) {
    String negative = ops.mul(ops.min(x, ops.scalarLike(x, 0)), rate);
    String curve = ops.mul(ops.add(ops.exp(negative), -1), scale);
    return ops.add(ops.mul(ops.relu(x), slope), curve);
  }

  private static List<String> cos(Ops ops, Node node, List<String> inputs) {
    String shifted = ops.add(inputs.get(0), Math.PI / 2);
    return List.of(ops.op("Sin", Attributes.NONE, shifted));
  }

  /** A choice between the two values by a comparison of the indices with each class. */
  private static List<String> oneHot(Ops ops, Node node, List<String> inputs) {
    long depth = ops.graph().constantValue(inputs.get(1)).orElseThrow().toLongs()[0];
    int rank = ops.shape(inputs.get(0)).rank() + 1;
    long given = node.attributes().integer("axis", -1);
    int axis = (int) (given < 0 ? given + rank : given);
    long[] sizes = LongStream.generate(() -> 1).limit(rank - axis).toArray();
    sizes[0] = depth;
    String classes =
        ops.graph().constant(Constant.ofLongs(LongStream.range(0, depth).toArray(), sizes));
    String indices = ops.unsqueeze(ops.cast(inputs.get(0), DType.INT64), axis);
    String off = ops.squeeze(ops.slice(inputs.get(2), 0, 0, 1), 0);
    String on = ops.squeeze(ops.slice(inputs.get(2), 0, 1, 2), 0);
    return List.of(ops.where(ops.equal(indices, classes), on, off));
  }
}
