package io.acclimate.runtime.graph;

import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/**
 * Normalisations in double precision: ONNX Runtime's own kernels keep their statistics in single
 * precision.
 */
final class NormalizationLowerings {
  private NormalizationLowerings() {}

  static void register(Map<String, Decomposition> lowerings) {
    lowerings.put("LayerNormalization", NormalizationLowerings::layerNormalization);
    lowerings.put("RMSNormalization", NormalizationLowerings::rmsNormalization);
  }

  private static List<String> layerNormalization(Ops ops, Node node, List<String> inputs) {
    String x = inputs.get(0);
    long[] axes = axes(ops, node, x);
    String mean = ops.reduceMean(x, true, axes);
    String centred = ops.sub(x, mean);
    String inverse = inverseRoot(ops, node, centred, axes);
    String y = ops.mul(ops.mul(centred, inverse), inputs.get(1));
    boolean biased = inputs.size() > 2 && !inputs.get(2).isEmpty();
    return List.of(biased ? ops.add(y, inputs.get(2)) : y, mean, inverse);
  }

  private static List<String> rmsNormalization(Ops ops, Node node, List<String> inputs) {
    String x = inputs.get(0);
    String inverse = inverseRoot(ops, node, x, axes(ops, node, x));
    return List.of(ops.mul(ops.mul(x, inverse), inputs.get(1)));
  }

  private static long[] axes(Ops ops, Node node, String x) {
    int rank = ops.shape(x).rank();
    int first = ops.shape(x).axis(node.attributes().integer("axis", -1));
    return LongStream.range(first, rank).toArray();
  }

  private static String inverseRoot(Ops ops, Node node, String x, long... axes) {
    String square = ops.reduceMean(ops.mul(x, x), true, axes);
    double epsilon = node.attributes().number("epsilon", 1e-5f);
    return ops.reciprocal(ops.sqrt(ops.add(square, epsilon)));
  }
}
