package io.acclimate.continual.tuning;

import io.acclimate.continual.Backbone;
import io.acclimate.runtime.GraphSession;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.graph.ModelGraph;
import io.acclimate.runtime.graph.OnnxFormat;
import java.util.Map;

/** The frozen model's pooled features of samples. Not thread-safe. Close it to free the session. */
public final class FeatureExtractor implements AutoCloseable {
  private final ModelGraph graph;
  private final Backbone backbone;
  private final BatchFeeds feeds;
  private final Tensor result;
  private GraphSession session;

  /** Builds the graph; the session is opened at its first use. */
  public FeatureExtractor(Backbone backbone) {
    this.backbone = backbone;
    this.graph = backbone.featureGraph();
    this.feeds = new BatchFeeds(backbone);
    this.result = graph.type(Backbone.POOLED).allocate();
  }

  /** The number of features of a sample. */
  public int size() {
    return (int) result.dim(1);
  }

  /**
   * Computes features, each sample's scaled to unit length.
   *
   * @param inputs a tensor for each input of the backbone, {@code [rows, ...]}, any number of rows
   * @return {@code [rows][size]}; a sample with a feature that is not finite has NaN throughout
   * @throws io.acclimate.runtime.AcclimateException when the inputs do not fit
   */
  public double[][] unitFeatures(Map<String, Tensor> inputs) {
    int rows = feeds.requireFit(inputs);
    double[][] features = new double[rows][size()];
    if (session == null) {
      session = GraphSession.open(graph.name(), OnnxFormat.toBytes(graph), backbone.options());
    }
    int taken = 0;
    for (int start = 0; start < rows; start += taken) {
      taken = feeds.fill(inputs, start);
      session.run(feeds.tensors(), Map.of(Backbone.POOLED, result));
      for (int row = 0; row < taken; row++) {
        UnitRows.read(result, row, features[start + row]);
      }
    }
    return features;
  }

  @Override
  public void close() {
    if (session != null) {
      session.close();
      session = null;
    }
  }
}
