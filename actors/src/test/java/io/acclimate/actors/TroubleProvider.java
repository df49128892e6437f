package io.acclimate.actors;

import io.acclimate.runtime.method.MethodDescriptor;
import io.acclimate.runtime.method.MethodKind;
import io.acclimate.runtime.settings.SettingsReader;
import io.acclimate.tta.CorrectorProvider;
import io.acclimate.tta.OutputBatch;
import io.acclimate.tta.OutputCorrector;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;

/**
 * A method that counts its batches in the first probability and makes trouble on demand: the first
 * feature of a batch says which.
 */
public final class TroubleProvider implements CorrectorProvider {
  static final float THROW = 1001;
  static final float ANSWER_NAN = 1002;
  static final float WAIT = 1003;
  static volatile CountDownLatch gate = new CountDownLatch(0);

  @Override
  public MethodDescriptor descriptor() {
    return new MethodDescriptor(
        "trouble", MethodKind.OUTPUT_CORRECTOR, "For tests.", "", true, false);
  }

  @Override
  public OutputCorrector create(SettingsReader settings) {
    return new OutputCorrector() {
      private int seen;

      @Override
      public void correct(OutputBatch batch, double[] corrected) {
        double order = batch.features()[0];
        if (order == THROW) {
          throw new IllegalStateException("told to throw");
        }
        if (order == WAIT) {
          await();
        }
        seen++;
        Arrays.fill(corrected, order == ANSWER_NAN ? Double.NaN : 0.0);
        corrected[0] += seen / 100.0;
      }

      @Override
      public void reset() {
        seen = 0;
      }
    };
  }

  private static void await() {
    try {
      gate.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
