package io.acclimate.runtime.autodiff;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.graph.Attributes;
import io.acclimate.runtime.graph.Constant;
import io.acclimate.runtime.graph.Ops;
import java.util.List;
import java.util.Map;

/**
 * Gradient rules of activation functions, in few passes over their operand: these are the largest
 * values of a transformer, and each pass costs as much as it takes to read and write them.
 */
final class ActivationGradients {
  private static final double SQRT_HALF = Math.sqrt(0.5);
  private static final double LOG_TWO_OVER_SQRT_PI = Math.log(2 / Math.sqrt(Math.PI));
  private static final double NORMAL_DENSITY = 1 / Math.sqrt(2 * Math.PI);

  private ActivationGradients() {}

  static void register(Map<String, GradientRule> rules) {
    rules.put("Erf", ActivationGradients::erf);
    rules.put("Tanh", ActivationGradients::tanh);
    rules.put("Sigmoid", ActivationGradients::sigmoid);
    rules.put("Gelu", ActivationGradients::gelu);
    rules.put("Softplus", ActivationGradients::softplus);
    rules.put("Relu", node -> scale(node, positive(node)));
    rules.put("LeakyRelu", ActivationGradients::leakyRelu);
    rules.put("Elu", ActivationGradients::elu);
    rules.put("Celu", ActivationGradients::celu);
    rules.put("Selu", ActivationGradients::selu);
    rules.put("Clip", ActivationGradients::clip);
    rules.put("HardSigmoid", ActivationGradients::hardSigmoid);
    rules.put("Dropout", ActivationGradients::dropout);
    for (String op :
        List.of("HardSwish", "Swish", "Mish", "Softsign", "ThresholdedRelu", "PRelu")) {
      rules.put(op, CompositeRule.of(op));
    }
  }

  private static void scale(BackwardContext node, String slope) {
    node.give(0, node.ops().mul(node.gradient(), slope));
  }

  /** 2 / sqrt(pi) exp(-x^2), with the factor inside of the exponent. */
  private static void erf(BackwardContext node) {
    scale(node, bell(node.ops(), node.input(0), LOG_TWO_OVER_SQRT_PI));
  }

  private static String bell(Ops ops, String x, double logFactor) {
    return ops.exp(ops.sub(ops.scalarLike(x, logFactor), ops.mul(x, x)));
  }

  private static void tanh(BackwardContext node) {
    Ops ops = node.ops();
    String y = node.output();
    scale(node, ops.sub(ops.scalarLike(y, 1), ops.mul(y, y)));
  }

  private static void sigmoid(BackwardContext node) {
    Ops ops = node.ops();
    scale(node, ops.sub(node.output(), ops.mul(node.output(), node.output())));
  }

  private static void softplus(BackwardContext node) {
    scale(node, node.ops().sigmoid(node.input(0)));
  }

  /** 1 where the operand is positive. */
  private static String positive(BackwardContext node) {
    Ops ops = node.ops();
    String x = node.input(0);
    return ops.indicator(ops.greater(x, ops.scalarLike(x, 0)), x);
  }

  /** {@code high} where the operand is positive, else {@code low}. */
  private static String either(BackwardContext node, double high, double low) {
    Ops ops = node.ops();
    return ops.add(ops.mul(positive(node), high - low), low);
  }

  private static void leakyRelu(BackwardContext node) {
    scale(node, either(node, 1, node.attributes().number("alpha", 0.01f)));
  }

  private static void gelu(BackwardContext node) {
    boolean tanh = node.attributes().text("approximate", "none").equals("tanh");
    scale(node, tanh ? tanhGeluSlope(node) : geluSlope(node));
  }

  /**
   * The normal distribution's cumulative function plus x times its density. {@code HardSigmoid}
   * serves as a linear function that needs no memory of its own: nothing is cut off.
   */
  private static String geluSlope(BackwardContext node) {
    Ops ops = node.ops();
    String x = node.input(0);
    String scaled = ops.mul(x, SQRT_HALF);
    String cumulative = linear(ops, ops.op("Erf", Attributes.NONE, scaled), 0.5, 0.5);
    String bell = ops.exp(ops.neg(ops.mul(scaled, scaled)));
    return ops.add(cumulative, ops.mul(x, linear(ops, bell, NORMAL_DENSITY, 0)));
  }

  /** {@code factor a + shift}, where that lies between 0 and 1. */
  private static String linear(Ops ops, String a, double factor, double shift) {
    return ops.op("HardSigmoid", Attributes.of("alpha", factor).and("beta", shift), a);
  }

  /** Of x s with s = sigmoid(x (a + b x^2)): s + x s (1 - s) (a + 3 b x^2). */
  private static String tanhGeluSlope(BackwardContext node) {
    Ops ops = node.ops();
    String x = node.input(0);
    double a = 2 * Math.sqrt(2 / Math.PI);
    String cubic = ops.mul(ops.mul(x, x), 0.044715 * a);
    String gate = ops.sigmoid(ops.mul(x, ops.add(cubic, a)));
    String inner = ops.add(ops.mul(cubic, 3), a);
    String change = ops.mul(ops.mul(x, inner), ops.sub(gate, ops.mul(gate, gate)));
    return ops.add(gate, change);
  }

  private static void elu(BackwardContext node) {
    exponential(node, 1, node.attributes().number("alpha", 1), 1);
  }

  private static void celu(BackwardContext node) {
    exponential(node, 1, 1, 1 / node.attributes().number("alpha", 1));
  }

  private static void selu(BackwardContext node) {
    double alpha = node.attributes().number("alpha", 1.67326319f);
    double gamma = node.attributes().number("gamma", 1.05070102f);
    exponential(node, gamma, gamma * alpha, 1);
  }

  /** {@code high} where the operand is positive, else {@code low} plus a multiple of the result. */
  private static void exponential(BackwardContext node, double high, double low, double rate) {
    Ops ops = node.ops();
    String negative = ops.min(node.output(), ops.scalarLike(node.output(), 0));
    String curve = rate == 1 ? negative : ops.mul(negative, rate);
    String base = high == low ? ops.scalarLike(curve, low) : either(node, high, low);
    scale(node, ops.add(curve, base));
  }

  /** The gradient passes where nothing is cut off; a bound gets it where it takes effect. */
  private static void clip(BackwardContext node) {
    Ops ops = node.ops();
    String x = node.input(0);
    if (node.wants(0)) {
      scale(node, ops.indicator(ops.equal(x, node.output()), x));
    }
    if (node.node().hasInput(1) && node.wants(1)) {
      String below = ops.indicator(ops.less(x, node.input(1)), x);
      node.give(1, ops.mul(node.gradient(), below));
    }
    if (node.node().hasInput(2) && node.wants(2)) {
      String above = ops.indicator(ops.greater(x, node.input(2)), x);
      node.give(2, ops.mul(node.gradient(), above));
    }
  }

  private static void hardSigmoid(BackwardContext node) {
    Ops ops = node.ops();
    String y = node.output();
    String above = ops.greater(y, ops.scalarLike(y, 0));
    String below = ops.less(y, ops.scalarLike(y, 1));
    String inside = ops.indicator(ops.op("And", Attributes.NONE, above, below), y);
    scale(node, ops.mul(inside, node.attributes().number("alpha", 0.2f)));
  }

  /** Dropout that is off gives its operand on. */
  private static void dropout(BackwardContext node) {
    boolean off =
        !node.node().hasInput(2)
            || node.ops()
                .graph()
                .constantValue(node.input(2))
                .map(Constant::toLongs)
                .filter(mode -> mode[0] == 0)
                .isPresent();
    if (!off) {
      throw new AcclimateException(
          "%s: expected dropout that is off; feed masks from outside to train with it"
              .formatted(node.node()));
    }
    node.give(0, node.gradient());
  }
}
