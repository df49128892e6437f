package io.acclimate.tta;

import io.acclimate.runtime.AcclimateException;

/**
 * What a method's batches have to look like, checked before anything changes.
 *
 * @param classes the number of classes
 * @param featureSize the number of features of a sample; 0 for a method that reads none
 * @param input whether the method runs the model itself and needs its input
 */
record BatchForm(int classes, int featureSize, boolean input) {
  /**
   * Refuses a batch of another form.
   *
   * @throws AcclimateException when it does not fit
   */
  void require(OutputBatch batch) {
    if (batch.classes() != classes || featureSize > 0 && batch.featureSize() != featureSize) {
      throw new AcclimateException(
          "batch: expected %d classes%s as of the model, found %d classes and %d features"
              .formatted(
                  classes,
                  featureSize > 0 ? " and " + featureSize + " features" : "",
                  batch.classes(),
                  batch.featureSize()));
    }
    if (input) {
      ModelInput.of(batch);
    }
  }
}
