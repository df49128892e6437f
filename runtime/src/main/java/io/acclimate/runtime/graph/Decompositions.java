package io.acclimate.runtime.graph;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.DType;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/** ONNX's operators that are short sequences of others, as those sequences. Thread-safe. */
public final class Decompositions {
  private static final Map<String, Decomposition> ALL =
      Map.ofEntries(
          Map.entry("HardSwish", Decompositions::hardSwish),
          Map.entry("Mish", Decompositions::mish),
          Map.entry("Swish", Decompositions::swish),
          Map.entry("Softsign", Decompositions::softsign),
          Map.entry("ThresholdedRelu", Decompositions::thresholdedRelu),
          Map.entry("PRelu", Decompositions::pRelu),
          Map.entry("InstanceNormalization", Decompositions::instanceNormalization),
          Map.entry("GroupNormalization", Decompositions::groupNormalization),
          Map.entry("SoftmaxCrossEntropyLoss", Decompositions::crossEntropy));

  private Decompositions() {}

  /** The decompositions by the operator's name. */
  public static Map<String, Decomposition> all() {
    return ALL;
  }

  /** x clip(x / 6 + 1/2, 0, 1). */
  private static List<String> hardSwish(Ops ops, Node node, List<String> inputs) {
    String x = inputs.get(0);
    Attributes gate = Attributes.of("alpha", 1.0 / 6).and("beta", 0.5);
    return List.of(ops.mul(x, ops.op("HardSigmoid", gate, x)));
  }

  /** x tanh(softplus(x)). */
  private static List<String> mish(Ops ops, Node node, List<String> inputs) {
    String x = inputs.get(0);
    return List.of(ops.mul(x, ops.tanh(ops.op("Softplus", Attributes.NONE, x))));
  }

  /** x sigmoid(alpha x). */
  private static List<String> swish(Ops ops, Node node, List<String> inputs) {
    String x = inputs.get(0);
    double alpha = node.attributes().number("alpha", 1);
    return List.of(ops.mul(x, ops.sigmoid(alpha == 1 ? x : ops.mul(x, alpha))));
  }

  /** x / (1 + |x|). */
  private static List<String> softsign(Ops ops, Node node, List<String> inputs) {
    String x = inputs.get(0);
    return List.of(ops.div(x, ops.add(ops.abs(x), 1)));
  }

  /** x where x is above alpha, else 0. */
  private static List<String> thresholdedRelu(Ops ops, Node node, List<String> inputs) {
    String x = inputs.get(0);
    String threshold = ops.scalarLike(x, node.attributes().number("alpha", 1));
    return List.of(ops.mul(x, ops.indicator(ops.greater(x, threshold), x)));
  }

  /** x where x is positive, else slope x. */
  private static List<String> pRelu(Ops ops, Node node, List<String> inputs) {
    String x = inputs.get(0);
    String negative = ops.relu(ops.neg(x));
    return List.of(ops.sub(ops.relu(x), ops.mul(inputs.get(1), negative)));
  }

  private static List<String> instanceNormalization(Ops ops, Node node, List<String> inputs) {
    return normalised(ops, node, inputs, ops.shape(inputs.get(0)).size(1));
  }

  private static List<String> groupNormalization(Ops ops, Node node, List<String> inputs) {
    return normalised(ops, node, inputs, node.attributes().integer("num_groups", 1));
  }

  /** The channels in groups, each normalised as a whole; then scale and bias of each channel. */
  private static List<String> normalised(Ops ops, Node node, List<String> inputs, long groups) {
    String x = inputs.get(0);
    String one = ops.graph().constant(Constant.ofDoubles(ops.type(x).type(), new double[] {1}, 1));
    Attributes attributes =
        Attributes.of("epsilon", node.attributes().number("epsilon", 1e-5f)).and("axis", -1);
    String flat = ops.op("LayerNormalization", attributes, ops.reshape(x, 0, groups, -1), one);
    String scale = perChannel(ops, inputs.get(1), ops.shape(x));
    String bias = perChannel(ops, inputs.get(2), ops.shape(x));
    return List.of(ops.add(ops.mul(ops.reshapeLike(flat, x), scale), bias));
  }

  /** A value of each channel, or of each group of channels, in the form {@code [C, 1, ...]}. */
  private static String perChannel(Ops ops, String value, Shape shape) {
    long channels = shape.size(1);
    long groups = ops.shape(value).size(0);
    if (channels < 1 || groups < 1 || channels % groups != 0) {
      throw new AcclimateException(
          "expected a scale and bias for each channel or group of %s, found %s"
              .formatted(shape, ops.shape(value)));
    }
    String repeated = value;
    if (groups != channels) {
      long[] sizes = {groups, channels / groups};
      repeated = ops.op("Expand", Attributes.NONE, ops.unsqueeze(value, 1), ops.list(sizes));
    }
    return ops.reshape(repeated, channelSizes(shape));
  }

  private static long[] channelSizes(Shape shape) {
    long[] sizes = new long[shape.rank() - 1];
    Arrays.fill(sizes, 1);
    sizes[0] = shape.size(1);
    return sizes;
  }

  /** The logarithm of the softmax, picked by a comparison of the labels with each class. */
  private static List<String> crossEntropy(Ops ops, Node node, List<String> inputs) {
    String scores = inputs.get(0);
    boolean weighted = inputs.size() > 2 && !inputs.get(2).isEmpty();
    boolean ignoring = node.attributes().has("ignore_index");
    String picked = picked(ops, node, scores, inputs.get(1));
    if (weighted) {
      String weights = ops.reshape(inputs.get(2), channelSizes(ops.shape(scores)));
      picked = ops.mul(picked, weights);
    }
    String logProbabilities = ops.logSoftmax(scores, 1);
    String losses = ops.neg(ops.reduceSum(ops.mul(logProbabilities, picked), false, 1));
    String loss =
        switch (node.attributes().text("reduction", "mean")) {
          case "none" -> losses;
          case "sum" -> ops.reduceSum(losses, false);
          default ->
              weighted || ignoring
                  ? ops.div(ops.reduceSum(losses, false), ops.reduceSum(picked, false))
                  : ops.reduceMean(losses, false);
        };
    return List.of(loss, logProbabilities);
  }

  /** 1 at the class of each label, 0 elsewhere and for labels that are ignored. */
  private static String picked(Ops ops, Node node, String scores, String labels) {
    Shape shape = ops.shape(scores);
    if (shape.size(1) < 0) {
      throw new AcclimateException("expected a fixed number of classes, found " + shape);
    }
    long[] classes = LongStream.range(0, shape.size(1)).toArray();
    long ignored = node.attributes().integer("ignore_index", -1);
    if (ignored >= 0 && ignored < classes.length) {
      classes[(int) ignored] = Long.MIN_VALUE;
    }
    String candidates = ops.graph().constant(Constant.ofLongs(classes, channelSizes(shape)));
    String wanted = ops.unsqueeze(ops.cast(labels, DType.INT64), 1);
    return ops.indicator(ops.equal(wanted, candidates), scores);
  }
}
