package io.acclimate.tta.controls;

import io.acclimate.runtime.method.MethodDescriptor;
import io.acclimate.runtime.method.MethodKind;
import io.acclimate.runtime.settings.SettingsReader;
import io.acclimate.tta.CorrectorProvider;
import io.acclimate.tta.OutputBatch;
import io.acclimate.tta.OutputCorrector;

/** The frozen model's own output, unchanged: what every method has to beat. */
public final class FrozenControl implements CorrectorProvider {
  @Override
  public MethodDescriptor descriptor() {
    return new MethodDescriptor(
        "frozen", MethodKind.CONTROL, "The frozen model's own output.", "", false, false);
  }

  @Override
  public OutputCorrector create(SettingsReader settings) {
    return new OutputCorrector() {
      @Override
      public void correct(OutputBatch batch, double[] corrected) {
        System.arraycopy(batch.probabilities(), 0, corrected, 0, batch.probabilities().length);
      }

      @Override
      public void reset() {
        // nothing is learned
      }
    };
  }
}
