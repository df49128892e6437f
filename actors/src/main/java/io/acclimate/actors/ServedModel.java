package io.acclimate.actors;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.FrozenModel;
import io.acclimate.runtime.ModelRunner;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.TensorSpec;
import java.util.List;
import java.util.Map;

/** A frozen model with the roles of its outputs. Immutable and safe to share. */
final class ServedModel {
  private final FrozenModel model;
  private final String logits;
  private final String features;
  private final int classes;
  private final int featureSize;

  ServedModel(FrozenModel model, RuntimeSettings settings) {
    this.model = model;
    this.logits = settings.logitsOutput();
    this.classes = columns(model.requireOutput(logits));
    boolean hasFeatures = model.outputs().containsKey(settings.featuresOutput());
    this.features = hasFeatures ? settings.featuresOutput() : null;
    this.featureSize = hasFeatures ? columns(model.requireOutput(features)) : 0;
    model.singleInput();
  }

  private int columns(TensorSpec spec) {
    if (spec.shape().size() != 2 || spec.elementsPerRow() < 1) {
      throw new AcclimateException(
          "output '%s' of model %s: expected [batch, size], found %s"
              .formatted(spec.name(), model.name(), spec.shapeText()));
    }
    return Math.toIntExact(spec.elementsPerRow());
  }

  FrozenModel model() {
    return model;
  }

  int classes() {
    return classes;
  }

  int featureSize() {
    return featureSize;
  }

  boolean hasFeatures() {
    return features != null;
  }

  ModelRunner newRunner() {
    return model.newRunner(hasFeatures() ? List.of(logits, features) : List.of(logits));
  }

  ModelOutput copy(int size, Map<String, Tensor> outputs, long startNanos, long endNanos) {
    float[] copiedFeatures = hasFeatures() ? outputs.get(features).toFloatArray() : new float[0];
    return new ModelOutput(
        size, outputs.get(logits).toFloatArray(), copiedFeatures, startNanos, endNanos);
  }
}
