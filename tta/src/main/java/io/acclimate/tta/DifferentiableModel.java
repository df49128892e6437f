package io.acclimate.tta;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.FrozenModel;
import io.acclimate.runtime.ModelOptions;
import io.acclimate.runtime.SessionPool;
import io.acclimate.runtime.graph.ModelGraph;
import io.acclimate.runtime.graph.Specializer;
import java.util.Optional;

/**
 * A frozen model as a graph, for methods that run it with parameters of their own. Thread-safe and
 * made to be shared: parameters are inputs of a call, never state of the model.
 *
 * @param graphs the model's graph at any batch size
 * @param logits the output with the logits, {@code [batch, classes]}
 * @param features the output with the features, {@code [batch, features]}, where there is one
 * @param options where the methods' sessions run
 * @param sessions shared by methods of several streams whose graphs are equal
 */
public record DifferentiableModel(
    Specializer graphs,
    String logits,
    Optional<String> features,
    ModelOptions options,
    SessionPool sessions) {
  /**
   * Checks that the model has one input and this output.
   *
   * @throws AcclimateException when it has not
   */
  public DifferentiableModel {
    ModelGraph open = graphs.open();
    if (open.inputs().size() != 1) {
      throw new AcclimateException(
          "model %s: expected one input, found %s".formatted(open.name(), open.inputs()));
    }
    if (!open.outputs().contains(logits)) {
      throw new AcclimateException(
          "model %s has no output '%s'; it has %s".formatted(open.name(), logits, open.outputs()));
    }
  }

  /**
   * A frozen model's graph, on the device of the model, with a pool of its own.
   *
   * @param logits the output with the logits
   * @param features the output with the features, where there is one
   */
  public static DifferentiableModel of(
      FrozenModel model, String logits, Optional<String> features) {
    return new DifferentiableModel(
        Specializer.of(model.name(), model.bytes()),
        logits,
        features,
        model.options(),
        new SessionPool());
  }

  /** The name of the model's input. */
  public String input() {
    return graphs.open().inputs().get(0);
  }
}
