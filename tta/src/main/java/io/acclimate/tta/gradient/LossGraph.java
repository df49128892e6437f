package io.acclimate.tta.gradient;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.graph.GraphBuilder;
import io.acclimate.runtime.graph.Ops;
import io.acclimate.runtime.graph.ValueType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a {@link StreamLoss} sees of the model. Values are of the logits' type; rows that only fill
 * the batch up have weight 0 and must not enter the loss.
 */
public final class LossGraph {
  private final GraphBuilder graph;
  private final String logits;
  private final Optional<String> features;
  private final String weights;
  private final int size;
  private final List<String> results = new ArrayList<>();

  LossGraph(
      GraphBuilder graph, String logits, Optional<String> features, String weights, int size) {
    this.graph = graph;
    this.logits = logits;
    this.features = features;
    this.weights = weights;
    this.size = size;
  }

  /** Appends operators. */
  public Ops ops() {
    return graph.ops();
  }

  /** The rows of one view of the batch, those that fill it up included. */
  public int size() {
    return size;
  }

  /** The number of classes. */
  public int classes() {
    return (int) graph.type(logits).shape().size(1);
  }

  /** The logits of a view of the batch, {@code [size, classes]}; view 0 is the batch as it came. */
  public String logits(int view) {
    return view(logits, view);
  }

  /**
   * The features of a view of the batch, {@code [size, features]}.
   *
   * @throws AcclimateException when the model gives none
   */
  public String features(int view) {
    return view(
        features.orElseThrow(
            () -> new AcclimateException("expected a model with an output of features")),
        view);
  }

  private String view(String value, int view) {
    boolean single = graph.type(value).shape().size(0) == size;
    return single ? value : ops().slice(value, 0, (long) view * size, (view + 1L) * size);
  }

  /** 1 for rows of the batch, 0 for those that fill it up, {@code [size]}. */
  public String weights() {
    return weights;
  }

  /** A value that the host gives with each call. */
  public String input(String name, long... shape) {
    return graph.input(name, ValueType.of(type(), shape));
  }

  private DType type() {
    return graph.type(logits).type();
  }

  /** Names a value that the host reads after each call. */
  public void result(String name, String value) {
    graph.output(name, value);
    results.add(name);
  }

  List<String> results() {
    return results;
  }
}
