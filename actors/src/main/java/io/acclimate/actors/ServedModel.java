package io.acclimate.actors;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.FrozenModel;
import io.acclimate.runtime.LinearHead;
import io.acclimate.runtime.ModelRunner;
import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.TensorSpec;
import io.acclimate.runtime.method.MethodDescriptor;
import io.acclimate.runtime.method.SourceNeed;
import io.acclimate.runtime.state.State;
import io.acclimate.runtime.state.Stateful;
import io.acclimate.tta.DifferentiableModel;
import io.acclimate.tta.ForwardModel;
import io.acclimate.tta.MethodContext;
import io.acclimate.tta.SourceConsistency;
import io.acclimate.tta.SourceFisher;
import io.acclimate.tta.SourceLabelShift;
import io.acclimate.tta.SourceStatistics;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A frozen model with the roles of its outputs. Safe to share. */
final class ServedModel {
  private final FrozenModel model;
  private final String logits;
  private final String features;
  private final int classes;
  private final int featureSize;
  private final Optional<SourceStatistics> source;
  private final Optional<SourceFisher> fisher;
  private final Optional<SourceConsistency> consistency;
  private final Optional<SourceLabelShift> labelShift;
  private final SeedTree seeds;
  private DifferentiableModel differentiable;

  ServedModel(FrozenModel model, RuntimeSettings settings) {
    this.model = model;
    this.logits = settings.logitsOutput();
    this.classes = columns(model.requireOutput(logits));
    boolean hasFeatures = model.outputs().containsKey(settings.featuresOutput());
    this.features = hasFeatures ? settings.featuresOutput() : null;
    this.featureSize = hasFeatures ? columns(model.requireOutput(features)) : 0;
    model.singleInput();
    this.source =
        settings
            .sourceStatistics()
            .map(
                file ->
                    read("source statistics", file, new SourceStatistics(classes, featureSize)));
    this.fisher =
        settings.sourceFisher().map(file -> read("source Fisher", file, new SourceFisher()));
    this.consistency =
        settings
            .sourceConsistency()
            .map(file -> read("consistency loss", file, new SourceConsistency()));
    this.labelShift =
        settings
            .sourceLabelShift()
            .map(
                file ->
                    read("label shift adapter", file, new SourceLabelShift(classes, featureSize)));
    this.seeds = SeedTree.of(settings.seed()).child("methods");
  }

  private <S extends Stateful> S read(String what, Path file, S target) {
    try {
      State.read(file).restore(target);
    } catch (AcclimateException e) {
      throw new AcclimateException(
          "%s %s for model %s: %s".formatted(what, file, model.name(), e.getMessage()), e);
    }
    return target;
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

  /** What a method may know; the head is looked for only where the method needs it. */
  MethodContext context(MethodDescriptor method, String stream) {
    Optional<LinearHead> head =
        method.needs(SourceNeed.HEAD) && hasFeatures()
            ? model.linearHead(logits, features)
            : Optional.empty();
    Optional<DifferentiableModel> graph =
        method.needsGradients() ? Optional.of(differentiable()) : Optional.empty();
    Optional<ForwardModel> forward =
        method.runsModel()
            ? Optional.of(new ForwardModel(model, logits, Optional.ofNullable(features)))
            : Optional.empty();
    return new MethodContext(
        classes,
        featureSize,
        head,
        source,
        seeds.child(stream),
        graph,
        fisher,
        consistency,
        labelShift,
        forward);
  }

  /** The model's graph, read when a method first needs it and shared by all streams. */
  private synchronized DifferentiableModel differentiable() {
    if (differentiable == null) {
      differentiable = DifferentiableModel.of(model, logits, Optional.ofNullable(features));
    }
    return differentiable;
  }

  ModelRunner newRunner() {
    return model.newRunner(hasFeatures() ? List.of(logits, features) : List.of(logits));
  }

  /** A copy of what the model said of some rows of a call. */
  ModelOutput copy(
      int firstRow, int rows, Map<String, Tensor> outputs, long startNanos, long endNanos) {
    float[] copiedLogits = rows(outputs.get(logits), firstRow, rows, classes);
    float[] copiedFeatures =
        hasFeatures() ? rows(outputs.get(features), firstRow, rows, featureSize) : new float[0];
    return new ModelOutput(rows, copiedLogits, copiedFeatures, startNanos, endNanos);
  }

  private static float[] rows(Tensor output, int firstRow, int rows, int columns) {
    float[] values = new float[rows * columns];
    output.floats().get(firstRow * columns, values);
    return values;
  }
}
