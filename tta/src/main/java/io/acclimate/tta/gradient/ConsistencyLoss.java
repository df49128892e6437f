package io.acclimate.tta.gradient;

import io.acclimate.runtime.graph.Ops;
import io.acclimate.tta.SourceConsistency;

/** ITTA's consistency of two views as a graph: the mean square of a learned chain. */
final class ConsistencyLoss {
  private ConsistencyLoss() {}

  /**
   * The chain: relu(x w + b) layer by layer, the last one without relu.
   *
   * @param difference {@code [rows, features]}
   * @param scales {@code [layers, features]}
   * @param shifts {@code [layers, features]}
   */
  static String chain(Ops ops, String difference, String scales, String shifts) {
    String x = difference;
    for (int layer = 0; layer < SourceConsistency.LAYERS; layer++) {
      String scale = ops.slice(scales, 0, layer, layer + 1);
      String shift = ops.slice(shifts, 0, layer, layer + 1);
      x = ops.add(ops.mul(x, scale), shift);
      x = layer < SourceConsistency.LAYERS - 1 ? ops.relu(x) : x;
    }
    return x;
  }

  /** The mean square over features and over the rows that count. */
  static String of(LossGraph graph, String scales, String shifts) {
    Ops ops = graph.ops();
    String difference = ops.sub(graph.features(1), graph.features(0));
    String chained = chain(ops, difference, scales, shifts);
    String bySample = ops.reduceMean(ops.mul(chained, chained), false, 1);
    String count = ops.reduceSum(graph.weights(), false);
    return ops.div(ops.reduceSum(ops.mul(bySample, graph.weights()), false), count);
  }
}
