package io.acclimate.continual;

import io.acclimate.bank.pet.Pooling;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.ModelOptions;
import io.acclimate.runtime.graph.GraphBuilder;
import io.acclimate.runtime.graph.ModelGraph;
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
