package io.acclimate.actors.learn;

import io.acclimate.continual.Backbone;
import io.acclimate.continual.LabelledBatch;
import io.acclimate.continual.tuning.BatchFeeds;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.GraphSession;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.graph.GraphBuilder;
import io.acclimate.runtime.graph.OnnxFormat;
import java.util.List;
import java.util.Map;

/** The accuracy of the frozen model's own logits. Stateless. */
final class FrozenAccuracy {
  private FrozenAccuracy() {}

  /**
   * The share of samples that the frozen model tells right.
   *
   * @param logits the backbone's output {@code [batch, classes]}
   */
  static double of(Backbone backbone, String logits, LabelledBatch samples) {
    GraphBuilder graph = backbone.graph().toBuilder();
    graph.setOutputs(List.of(logits));
    BatchFeeds feeds = new BatchFeeds(backbone);
    int rows = feeds.requireFit(samples.inputs());
    Tensor result = backbone.graph().type(logits).allocate();
    int right = 0;
    try (GraphSession session =
        GraphSession.open(
            backbone.graph().name(), OnnxFormat.toBytes(graph.build()), backbone.options())) {
      int taken = 0;
      for (int start = 0; start < rows; start += taken) {
        taken = feeds.fill(samples.inputs(), start);
        session.run(feeds.tensors(), Map.of(logits, result));
        for (int row = 0; row < taken; row++) {
          right += argmax(result, row) == samples.labels()[start + row] ? 1 : 0;
        }
      }
    }
    return right / (double) rows;
  }

  private static int argmax(Tensor logits, int row) {
    int classes = (int) logits.dim(1);
    int best = 0;
    for (int label = 1; label < classes; label++) {
      if (get(logits, row * classes + label) > get(logits, row * classes + best)) {
        best = label;
      }
    }
    return best;
  }

  private static double get(Tensor tensor, int index) {
    return tensor.type() == DType.FLOAT64
        ? tensor.doubles().get(index)
        : tensor.floats().get(index);
  }
}
