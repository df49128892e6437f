package io.acclimate.continual.tuning;

import io.acclimate.continual.Backbone;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.GraphSession;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.graph.ModelGraph;
import io.acclimate.runtime.graph.OnnxFormat;
import io.acclimate.runtime.graph.Shape;
import java.util.Map;

/**
 * An output of the frozen model for any number of samples. Not thread-safe. Close it to free the
 * session.
 */
public final class FrozenOutput implements AutoCloseable {
  private final Backbone backbone;
  private final ModelGraph graph;
  private final String output;
  private final BatchFeeds feeds;
  private final Tensor result;
  private GraphSession session;

  /**
   * Prepares the calls; the session is opened at the first.
   *
   * @param graph with the backbone's inputs
   * @param output an output of the graph, {@code [batch, ...]}
   */
  public FrozenOutput(Backbone backbone, ModelGraph graph, String output) {
    this.backbone = backbone;
    this.graph = graph;
    this.output = output;
    this.feeds = new BatchFeeds(backbone);
    this.result = graph.type(output).allocate();
  }

  /** The shape of the output. */
  public Shape shape() {
    return graph.type(output).shape();
  }

  /** The numbers of a sample. */
  public int size() {
    return Math.toIntExact(result.elements() / backbone.batch());
  }

  /**
   * Computes the output.
   *
   * @param inputs a tensor for each input of the backbone, {@code [rows, ...]}, any number of rows
   * @return {@code [rows][size]}
   * @throws io.acclimate.runtime.AcclimateException when the inputs do not fit
   */
  public double[][] of(Map<String, Tensor> inputs) {
    double[][] values = new double[feeds.requireFit(inputs)][size()];
    if (session == null) {
      session = GraphSession.open(graph.name(), OnnxFormat.toBytes(graph), backbone.options());
    }
    int taken = 0;
    for (int start = 0; start < values.length; start += taken) {
      taken = feeds.fill(inputs, start);
      session.run(feeds.tensors(), Map.of(output, result));
      for (int row = 0; row < taken; row++) {
        read(row, values[start + row]);
      }
    }
    return values;
  }

  private void read(int row, double[] values) {
    for (int i = 0; i < values.length; i++) {
      int index = row * values.length + i;
      values[i] =
          result.type() == DType.FLOAT64 ? result.doubles().get(index) : result.floats().get(index);
    }
  }

  @Override
  public void close() {
    if (session != null) {
      session.close();
      session = null;
    }
  }
}
