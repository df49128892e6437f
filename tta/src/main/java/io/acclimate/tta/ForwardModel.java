package io.acclimate.tta;

import io.acclimate.runtime.FrozenModel;
import io.acclimate.runtime.ModelRunner;
import java.util.List;
import java.util.Optional;

/**
 * A frozen model that methods run themselves, forwards only. Nothing is asked of the graph but one
 * input, so any ONNX file will do, a quantised one too. Immutable and safe to share.
 *
 * @param model the model, which stays open as long as methods use it
 * @param logits the output with the logits, {@code [batch, classes]}
 * @param features the output with the features, {@code [batch, features]}, where there is one
 */
public record ForwardModel(FrozenModel model, String logits, Optional<String> features) {
  /**
   * Checks that the model has one input and these outputs.
   *
   * @throws io.acclimate.runtime.AcclimateException when it has not
   */
  public ForwardModel {
    model.singleInput();
    model.requireOutput(logits);
    features.ifPresent(model::requireOutput);
  }

  /** A way to run the model for one method. */
  public ForwardRunner newRunner() {
    ModelRunner runner =
        model.newRunner(features.map(name -> List.of(logits, name)).orElse(List.of(logits)));
    return new ForwardRunner(runner, logits, features);
  }
}
