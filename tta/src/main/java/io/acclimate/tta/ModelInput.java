package io.acclimate.tta;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.Tensor;

/** The input of a batch, for methods that run the model themselves. */
public final class ModelInput {
  private ModelInput() {}

  /**
   * The model's input of a batch.
   *
   * @throws AcclimateException when the batch has none
   */
  public static Tensor of(OutputBatch batch) {
    if (batch.input() == null) {
      throw new AcclimateException(
          "the method runs the model itself: expected a batch with its input, found outputs only");
    }
    return batch.input();
  }
}
