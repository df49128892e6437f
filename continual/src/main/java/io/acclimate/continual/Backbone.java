package io.acclimate.continual;

import io.acclimate.bank.pet.Pooling;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.ModelOptions;
import io.acclimate.runtime.graph.GraphBuilder;
import io.acclimate.runtime.graph.ModelGraph;
import io.acclimate.runtime.graph.Ops;
import java.util.List;

/**
 * The frozen model that learners start from. Immutable and safe to share.
 *
 * @param graph of fixed shapes; the first dimension of every input is the batch
 * @param features the output with the features, {@code [batch, size]} or {@code [batch, tokens,
 *     size]}
 * @param pooling how tokens become features
 * @param mask the input that says which tokens count, {@code ""} for all
 * @param options where sessions run
 */
public record Backbone(
    ModelGraph graph, String features, Pooling pooling, String mask, ModelOptions options) {
  /** The only output of {@link #featureGraph()}. */
  public static final String POOLED = "pooled-features";

  /** The only output of {@link #tokenGraph}. */
  public static final String TOKEN_MAP = "token-map";

  private static final String TOKENS = "tokens";

  /**
   * Checks the names.
   *
   * @throws AcclimateException when the model lacks an input or output, or inputs have different
   *     batches
   */
  public Backbone {
    if (!graph.outputs().contains(features)) {
      throw new AcclimateException(
          "model %s has no output '%s'; it has %s"
              .formatted(graph.name(), features, graph.outputs()));
    }
    if (!mask.isEmpty() && !graph.inputs().contains(mask)) {
      throw new AcclimateException(
          "model %s has no input '%s'; it has %s".formatted(graph.name(), mask, graph.inputs()));
    }
    long batch = graph.type(graph.inputs().get(0)).shape().size(0);
    for (String input : graph.inputs()) {
      if (graph.type(input).shape().rank() == 0 || graph.type(input).shape().size(0) != batch) {
        throw new AcclimateException(
            "model %s, input '%s': expected a batch of %d rows, found %s"
                .formatted(graph.name(), input, batch, graph.type(input)));
      }
    }
  }

  /**
   * The model with its token map {@code [batch, tokens, width]} as its only output. Tokens that the
   * mask leaves out are 0, and the others are scaled so that the plain mean over all tokens is the
   * mean over those that count.
   *
   * @param output the output with the map; {@code ""} for that with the features where it has one
   *     for each token, else the one named {@code tokens}
   * @throws AcclimateException when there is no such output, or it is no map
   */
  public ModelGraph tokenGraph(String output) {
    boolean byToken = graph.type(features).shape().rank() == 3;
    String map = !output.isEmpty() ? output : byToken ? features : TOKENS;
    if (!graph.outputs().contains(map) || graph.type(map).shape().rank() != 3) {
      throw new AcclimateException(
          "model %s: expected an output '%s' [batch, tokens, width], found %s"
              .formatted(
                  graph.name(),
                  map,
                  graph.outputs().stream().map(name -> name + " " + graph.type(name)).toList()));
    }
    GraphBuilder builder = graph.toBuilder();
    Ops ops = builder.ops();
    String value = map;
    if (!mask.isEmpty()) {
      String counts = ops.cast(mask, graph.type(map).type());
      String share = ops.reduceMean(counts, true, 1);
      String least = ops.scalarLike(share, 1.0 / graph.type(map).shape().size(1));
      value = ops.mul(map, ops.unsqueeze(ops.div(counts, ops.max(share, least)), 2));
    }
    builder.setOutputs(List.of());
    builder.output(TOKEN_MAP, value);
    return builder.build();
  }

  /** The rows of one call of the model. */
  public int batch() {
    return (int) graph.type(graph.inputs().get(0)).shape().size(0);
  }

  /** The type of features and parameters. */
  public DType type() {
    return graph.type(features).type();
  }

  /** The model with pooled features {@code [batch, size]} as its only output. */
  public ModelGraph featureGraph() {
    GraphBuilder builder = graph.toBuilder();
    String pooled = pooling.append(builder.ops(), features, mask);
    builder.setOutputs(List.of());
    builder.output(POOLED, pooled);
    return builder.build();
  }
}
