package io.acclimate.tta.gradient;

import io.acclimate.runtime.graph.Attributes;
import io.acclimate.runtime.graph.GraphBuilder;
import io.acclimate.runtime.graph.Node;
import io.acclimate.runtime.graph.Ops;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;

/** Lets batch normalisation take mean and variance of the batch in place of the stored ones. */
final class BatchStatistics {
  private BatchStatistics() {}

  /**
   * Rewrites all batch normalisation layers of a graph. Each view has statistics of its own.
   *
   * @param weights 1 for rows of a view that count, 0 for others, {@code [rows of a view]}
   * @param views how many views lie one behind the other in the graph's batch
   */
  static void apply(GraphBuilder graph, String weights, int views) {
    for (Node node : graph.nodes()) {
      if (node.is("BatchNormalization")) {
        rewrite(graph, node, weights, views);
      }
    }
  }

  private static void rewrite(GraphBuilder graph, Node node, String weights, int views) {
    Ops ops = graph.ops();
    long size = ops.shape(node.input(0)).size(0) / views;
    List<String> normalised = new ArrayList<>();
    for (int view = 0; view < views; view++) {
      String all = node.input(0);
      String x = views == 1 ? all : ops.slice(all, 0, view * size, (view + 1) * size);
      normalised.add(normalise(ops, node, x, weights));
    }
    graph
        .edits()
        .replace(
            node.name(),
            new Node(
                node.name(),
                "Identity",
                "",
                List.of(views == 1 ? normalised.get(0) : ops.concat(0, normalised)),
                List.of(node.output()),
                Attributes.NONE));
  }

  private static String normalise(Ops ops, Node node, String x, String weights) {
    int rank = ops.shape(x).rank();
    long[] others = LongStream.range(1, rank).toArray();
    long[] reduced = LongStream.range(0, rank).filter(axis -> axis != 1).toArray();
    String rows = ops.unsqueeze(ops.cast(weights, ops.type(x).type()), others);
    long places = 1;
    for (int axis = 2; axis < rank; axis++) {
      places *= ops.shape(x).size(axis);
    }
    String count = ops.mul(ops.reduceSum(rows, false), places);
    String mean = ops.div(ops.reduceSum(ops.mul(x, rows), true, reduced), count);
    String centred = ops.sub(x, mean);
    String squares = ops.reduceSum(ops.mul(ops.mul(centred, centred), rows), true, reduced);
    double epsilon = node.attributes().number("epsilon", 1e-5f);
    String deviation = ops.sqrt(ops.add(ops.div(squares, count), epsilon));
    long[] channel = LongStream.range(0, rank - 1).map(axis -> axis == 0 ? 0 : axis + 1).toArray();
    String scale = ops.unsqueeze(node.input(1), channel);
    String shift = ops.unsqueeze(node.input(2), channel);
    return ops.add(ops.mul(ops.div(centred, deviation), scale), shift);
  }
}
