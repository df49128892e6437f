package io.acclimate.tta.gradient;

/** Appends a method's loss to the model's graph. Called once for each batch size. */
@FunctionalInterface
public interface StreamLoss {
  /**
   * Appends the loss.
   *
   * @return the value with the loss, one element
   */
  String append(LossGraph graph);
}
