package io.acclimate.runtime.autodiff;

import io.acclimate.runtime.graph.Attributes;
import io.acclimate.runtime.graph.Markers;
import io.acclimate.runtime.graph.Ops;
import java.util.Map;

/** Gradient rules of arithmetic, element by element with broadcasting. */
final class ArithmeticGradients {
  private ArithmeticGradients() {}

  static void register(Map<String, GradientRule> rules) {
    rules.put("Add", ArithmeticGradients::sum);
    rules.put("Sum", ArithmeticGradients::sum);
    rules.put("Sub", ArithmeticGradients::sub);
    rules.put("Mul", ArithmeticGradients::mul);
    rules.put("Div", ArithmeticGradients::div);
    rules.put("Neg", node -> node.give(0, node.ops().neg(node.gradient())));
    rules.put("Pow", ArithmeticGradients::pow);
    rules.put("Mod", ArithmeticGradients::mod);
    rules.put("Max", ArithmeticGradients::extremum);
    rules.put("Min", ArithmeticGradients::extremum);
    rules.put("Where", ArithmeticGradients::where);
    rules.put("Cast", ArithmeticGradients::cast);
    rules.put("Identity", node -> node.give(0, node.gradient()));
    rules.put(Markers.STOP_GRADIENT, node -> {});
    rules.put(Markers.STRAIGHT_THROUGH, ArithmeticGradients::straightThrough);
    registerUnary(rules);
  }

  private static void registerUnary(Map<String, GradientRule> rules) {
    rules.put("Sqrt", ArithmeticGradients::sqrt);
    rules.put("Exp", node -> node.give(0, node.ops().mul(node.gradient(), node.output())));
    rules.put("Log", node -> node.give(0, node.ops().div(node.gradient(), node.input(0))));
    rules.put("Abs", ArithmeticGradients::abs);
    rules.put("Reciprocal", ArithmeticGradients::reciprocal);
    rules.put("Sin", node -> trigonometric(node, "Cos", 1));
    rules.put("Cos", node -> trigonometric(node, "Sin", -1));
    rules.put("Sign", ArithmeticGradients::zero);
    rules.put("Floor", ArithmeticGradients::zero);
    rules.put("Ceil", ArithmeticGradients::zero);
    rules.put("Round", ArithmeticGradients::zero);
  }

  private static void sum(BackwardContext node) {
    for (int i = 0; i < node.node().inputs().size(); i++) {
      if (node.wants(i)) {
        node.give(i, node.gradient());
      }
    }
  }

  private static void sub(BackwardContext node) {
    if (node.wants(0)) {
      node.give(0, node.gradient());
    }
    if (node.wants(1)) {
      node.give(1, node.ops().neg(node.ops().sumTo(node.gradient(), node.shape(1))));
    }
  }

  private static void mul(BackwardContext node) {
    if (node.wants(0)) {
      node.give(0, node.ops().mul(node.gradient(), node.input(1)));
    }
    if (node.wants(1)) {
      node.give(1, node.ops().mul(node.gradient(), node.input(0)));
    }
  }

  private static void div(BackwardContext node) {
    Ops ops = node.ops();
    String scaled = ops.div(node.gradient(), node.input(1));
    if (node.wants(0)) {
      node.give(0, scaled);
    }
    if (node.wants(1)) {
      node.give(1, ops.neg(ops.mul(scaled, node.output())));
    }
  }

  /**
   * For a^b: b a^(b-1) and a^b log a. The exponent's gradient is 0 where a is not positive, as the
   * logarithm does not exist there.
   */
  private static void pow(BackwardContext node) {
    Ops ops = node.ops();
    String base = node.input(0);
    String exponent = ops.cast(node.input(1), node.type(0).type());
    if (node.wants(0)) {
      String lower = ops.pow(base, ops.add(exponent, -1));
      node.give(0, ops.mul(node.gradient(), ops.mul(exponent, lower)));
    }
    if (node.wants(1)) {
      String positive = ops.greater(base, ops.scalarLike(base, 0));
      String safe = ops.where(positive, base, ops.scalarLike(base, 1));
      String share = ops.mul(node.gradient(), ops.mul(node.output(), ops.log(safe)));
      node.give(1, ops.cast(share, node.type(1).type()));
    }
  }

  /** For a - k b with a whole number k, which is constant between jumps. */
  private static void mod(BackwardContext node) {
    Ops ops = node.ops();
    if (node.wants(0)) {
      node.give(0, node.gradient());
    }
    if (node.wants(1)) {
      String multiple = ops.div(ops.sub(node.input(0), node.output()), node.input(1));
      String whole = ops.op("Round", Attributes.NONE, multiple);
      node.give(1, ops.neg(ops.mul(node.gradient(), whole)));
    }
  }

  /** The gradient goes to the operands that reach the extremum, in equal parts where several do. */
  private static void extremum(BackwardContext node) {
    Ops ops = node.ops();
    int count = node.node().inputs().size();
    String[] reached = new String[count];
    String total = null;
    for (int i = 0; i < count; i++) {
      reached[i] = ops.indicator(ops.equal(node.input(i), node.output()), node.output());
      total = total == null ? reached[i] : ops.add(total, reached[i]);
    }
    String share = ops.div(node.gradient(), total);
    for (int i = 0; i < count; i++) {
      if (node.wants(i)) {
        node.give(i, ops.mul(share, reached[i]));
      }
    }
  }

  private static void where(BackwardContext node) {
    Ops ops = node.ops();
    String zero = ops.scalarLike(node.gradient(), 0);
    if (node.wants(1)) {
      node.give(1, ops.where(node.input(0), node.gradient(), zero));
    }
    if (node.wants(2)) {
      node.give(2, ops.where(node.input(0), zero, node.gradient()));
    }
  }

  private static void cast(BackwardContext node) {
    node.give(0, node.ops().cast(node.gradient(), node.type(0).type()));
  }

  private static void straightThrough(BackwardContext node) {
    if (node.wants(1)) {
      node.give(1, node.gradient());
    }
  }

  private static void sqrt(BackwardContext node) {
    Ops ops = node.ops();
    node.give(0, ops.div(ops.mul(node.gradient(), 0.5), node.output()));
  }

  private static void abs(BackwardContext node) {
    node.give(0, node.ops().mul(node.gradient(), node.ops().sign(node.input(0))));
  }

  private static void reciprocal(BackwardContext node) {
    Ops ops = node.ops();
    String square = ops.mul(node.output(), node.output());
    node.give(0, ops.neg(ops.mul(node.gradient(), square)));
  }

  private static void trigonometric(BackwardContext node, String derivative, int sign) {
    Ops ops = node.ops();
    String slope = ops.op(derivative, Attributes.NONE, node.input(0));
    String share = ops.mul(node.gradient(), slope);
    node.give(0, sign > 0 ? share : ops.neg(share));
  }

  /** Steps have slope 0 wherever they have one. */
  private static void zero(BackwardContext node) {
    Ops ops = node.ops();
    node.give(0, ops.mul(node.gradient(), 0));
  }
}
