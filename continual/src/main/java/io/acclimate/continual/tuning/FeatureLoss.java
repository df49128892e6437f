package io.acclimate.continual.tuning;

import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.graph.GraphBuilder;
import java.util.Map;

/** A further term of the loss of a {@link TaskModel}, computed from the features. */
public interface FeatureLoss {
  /** Adds nothing. */
  FeatureLoss NONE =
      new FeatureLoss() {
        @Override
        public String append(
            GraphBuilder graph, String loss, String features, String weights, int classes) {
          return loss;
        }

        @Override
        public void fill(Map<String, Tensor> feeds) {
          // There is nothing to fill.
        }
      };

  /**
   * Adds the term to a graph; it may declare inputs of its own.
   *
   * @param loss the name of the loss so far, a scalar
   * @param features {@code [batch, size]}
   * @param weights {@code [batch]}: how much each row counts, 0 for one that does not
   * @param classes the rows of the head
   * @return the name of the new loss, a scalar
   */
  String append(GraphBuilder graph, String loss, String features, String weights, int classes);

  /** Fills the term's own inputs before a training step. */
  void fill(Map<String, Tensor> feeds);
}
