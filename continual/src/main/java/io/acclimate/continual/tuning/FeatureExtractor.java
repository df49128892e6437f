package io.acclimate.continual.tuning;

import io.acclimate.continual.Backbone;
import io.acclimate.runtime.Tensor;
import java.util.Map;

/** The frozen model's pooled features of samples. Not thread-safe. Close it to free the session. */
public final class FeatureExtractor implements AutoCloseable {
  private final FrozenOutput output;

  /** Builds the graph; the session is opened at its first use. */
  public FeatureExtractor(Backbone backbone) {
    this.output = new FrozenOutput(backbone, backbone.featureGraph(), Backbone.POOLED);
  }

  /** The number of features of a sample. */
  public int size() {
    return output.size();
  }

  /**
   * Computes features, each sample's scaled to unit length.
   *
   * @param inputs a tensor for each input of the backbone, {@code [rows, ...]}, any number of rows
   * @return {@code [rows][size]}; a sample with a feature that is not finite has NaN throughout
   * @throws io.acclimate.runtime.AcclimateException when the inputs do not fit
   */
  public double[][] unitFeatures(Map<String, Tensor> inputs) {
    double[][] features = output.of(inputs);
    for (double[] sample : features) {
      UnitRows.scale(sample);
    }
    return features;
  }

  @Override
  public void close() {
    output.close();
  }
}
