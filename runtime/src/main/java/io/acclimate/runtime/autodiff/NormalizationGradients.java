package io.acclimate.runtime.autodiff;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.graph.Ops;
import io.acclimate.runtime.graph.Shape;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;

/** Gradient rules of normalisation and softmax. */
final class NormalizationGradients {
  private NormalizationGradients() {}

  static void register(Map<String, GradientRule> rules) {
    rules.put("Softmax", NormalizationGradients::softmax);
    rules.put("LogSoftmax", NormalizationGradients::logSoftmax);
    rules.put("LayerNormalization", NormalizationGradients::layerNormalization);
    rules.put("RMSNormalization", NormalizationGradients::rmsNormalization);
    rules.put("BatchNormalization", NormalizationGradients::batchNormalization);
    for (String op :
        List.of("GroupNormalization", "InstanceNormalization", "SoftmaxCrossEntropyLoss")) {
      rules.put(op, CompositeRule.of(op));
    }
  }

  private static long axis(BackwardContext node) {
    return node.shape(0).axis(node.attributes().integer("axis", -1));
  }

  /** y (dy - sum(y dy)). */
  private static void softmax(BackwardContext node) {
    Ops ops = node.ops();
    String share = ops.mul(node.gradient(), node.output());
    String sum = ops.reduceSum(share, true, axis(node));
    node.give(0, ops.sub(share, ops.mul(node.output(), sum)));
  }

  /** dy - e^y sum(dy). */
  private static void logSoftmax(BackwardContext node) {
    Ops ops = node.ops();
    String sum = ops.reduceSum(node.gradient(), true, axis(node));
    node.give(0, ops.sub(node.gradient(), ops.mul(ops.exp(node.output()), sum)));
  }

  private static long[] normalisedAxes(BackwardContext node) {
    return LongStream.range(axis(node), node.shape(0).rank()).toArray();
  }

  /**
   * Mean and inverse deviation are the operator's own optional results, so nothing is computed
   * again. In second order, gradients reach them too.
   */
  private static void layerNormalization(BackwardContext node) {
    Ops ops = node.ops();
    DType type = node.type(0).type();
    List<String> results = ops.graph().edits().completeOutputs(node.node().name(), 3);
    String mean = ops.cast(results.get(1), type);
    String inverse = ops.cast(results.get(2), type);
    if (node.gradient(0).isPresent()) {
      if (node.wants(0)) {
        node.give(0, layerNormalizationShare(node, mean, inverse));
      }
      if (node.wants(1)) {
        String normalised = ops.mul(ops.sub(node.input(0), mean), inverse);
        node.give(1, ops.mul(node.gradient(), normalised));
      }
      if (node.node().hasInput(2) && node.wants(2)) {
        node.give(2, node.gradient());
      }
    }
    if (node.wants(0)) {
      statisticsShares(node, mean, inverse);
    }
  }

  /**
   * With h = dy scale: inv (h - mean(h)) - inv^3 (x - mean) mean(h (x - mean)). That is linear in h
   * and x, with factors that are one number for each normalised part.
   */
  private static String layerNormalizationShare(BackwardContext node, String mean, String inverse) {
    Ops ops = node.ops();
    String x = node.input(0);
    long[] axes = normalisedAxes(node);
    String h = scaled(node);
    String level = ops.reduceMean(h, true, axes);
    String moment = ops.sub(ops.reduceMean(ops.mul(h, x), true, axes), ops.mul(mean, level));
    String factor = ops.mul(cube(ops, inverse), moment);
    String shift = ops.sub(ops.mul(mean, factor), ops.mul(inverse, level));
    return ops.add(ops.sub(ops.mul(h, inverse), ops.mul(x, factor)), shift);
  }

  private static void statisticsShares(BackwardContext node, String mean, String inverse) {
    Ops ops = node.ops();
    String x = node.input(0);
    long[] axes = normalisedAxes(node);
    Optional<String> ofMean = node.gradient(1);
    Optional<String> ofInverse = node.gradient(2);
    if (ofMean.isEmpty() && ofInverse.isEmpty()) {
      return;
    }
    Shape normalised = node.shape(0).slice((int) axes[0], node.shape(0).rank());
    double share = 1.0 / normalised.elements();
    DType type = node.type(0).type();
    ofMean.ifPresent(
        gradient -> {
          String equal = ops.mul(ops.cast(gradient, type), share);
          node.give(0, ops.expandLike(equal, x));
        });
    ofInverse.ifPresent(
        gradient -> {
          String factor = ops.mul(ops.mul(ops.cast(gradient, type), -share), cube(ops, inverse));
          node.give(0, ops.mul(ops.sub(x, mean), factor));
        });
  }

  /** The gradient times the scale, unless that is known to be 1. */
  private static String scaled(BackwardContext node) {
    Ops ops = node.ops();
    boolean one =
        ops.graph()
            .constantValue(node.input(1))
            .filter(scale -> scale.elements() == 1 && scale.toDoubles()[0] == 1)
            .isPresent();
    return one ? node.gradient() : ops.mul(node.gradient(), node.input(1));
  }

  private static String cube(Ops ops, String x) {
    return ops.mul(x, ops.mul(x, x));
  }

  /** Layer normalisation's gradient without the terms of the mean. */
  private static void rmsNormalization(BackwardContext node) {
    Ops ops = node.ops();
    String x = node.input(0);
    long[] axes = normalisedAxes(node);
    String square = ops.reduceMean(ops.mul(x, x), true, axes);
    String root = ops.sqrt(ops.add(square, node.attributes().number("epsilon", 1e-5f)));
    String inverse = ops.reciprocal(root);
    if (node.wants(0)) {
      String h = scaled(node);
      String moment = ops.reduceMean(ops.mul(h, x), true, axes);
      String factor = ops.mul(cube(ops, inverse), moment);
      node.give(0, ops.sub(ops.mul(h, inverse), ops.mul(x, factor)));
    }
    if (node.wants(1)) {
      node.give(1, ops.mul(node.gradient(), ops.mul(x, inverse)));
    }
  }

  /** With fixed statistics it is a scale and a summand for each channel. */
  private static void batchNormalization(BackwardContext node) {
    if (node.attributes().integer("training_mode", 0) != 0) {
      throw new AcclimateException(
          "%s: expected fixed statistics, found training mode".formatted(node.node()));
    }
    Ops ops = node.ops();
    String spread = ops.add(node.input(4), node.attributes().number("epsilon", 1e-5f));
    String inverse = ops.reciprocal(ops.sqrt(spread));
    if (node.wants(0)) {
      String factor = perChannel(node, ops.mul(node.input(1), inverse));
      node.give(0, ops.mul(node.gradient(), factor));
    }
    if (node.wants(2) || node.wants(3)) {
      String sum = channelSum(node, node.gradient());
      if (node.wants(2)) {
        node.give(2, sum);
      }
      if (node.wants(3)) {
        node.give(3, ops.neg(ops.mul(sum, ops.mul(node.input(1), inverse))));
      }
    }
    if (node.wants(1) || node.wants(4)) {
      String centred = ops.sub(node.input(0), perChannel(node, node.input(3)));
      String moment = channelSum(node, ops.mul(node.gradient(), centred));
      if (node.wants(1)) {
        node.give(1, ops.mul(moment, inverse));
      }
      if (node.wants(4)) {
        String slope = ops.mul(ops.mul(node.input(1), cube(ops, inverse)), -0.5);
        node.give(4, ops.mul(moment, slope));
      }
    }
  }

  private static String perChannel(BackwardContext node, String value) {
    long[] axes = LongStream.range(1, node.shape(0).rank() - 1).toArray();
    return node.ops().unsqueeze(value, axes);
  }

  private static String channelSum(BackwardContext node, String value) {
    int rank = node.shape(0).rank();
    long[] axes = LongStream.range(0, rank).filter(axis -> axis != 1).toArray();
    return node.ops().reduceSum(value, false, axes);
  }
}
