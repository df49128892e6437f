package io.acclimate.tta.labelshift;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigFactory;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.Rows;
import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.settings.SettingsException;
import io.acclimate.tta.AdaptationFactory;
import io.acclimate.tta.MethodContext;
import io.acclimate.tta.OutputBatch;
import io.acclimate.tta.OutputCorrector;
import org.apache.commons.rng.UniformRandomProvider;
import org.junit.jupiter.api.Test;

/**
 * Two overlapping classes on a line with exact posteriors: what the priors should become is known.
 */
class LabelShiftTest {
  private static final double[] EVEN = {0.5, 0.5};
  private static final double SEPARATION = 1.5;

  /** Samples of which this share has class 0, with the posteriors under even priors. */
  private static OutputBatch samples(int n, double share, long seed) {
    UniformRandomProvider random = SeedTree.of(seed).generator();
    double[] p = new double[2 * n];
    int[] labels = new int[n];
    for (int i = 0; i < n; i++) {
      labels[i] = random.nextDouble() < share ? 0 : 1;
      double x = (labels[i] == 0 ? -1 : 1) * SEPARATION / 2 + gaussian(random);
      p[2 * i] = 1 / (1 + Math.exp(SEPARATION * x));
      p[2 * i + 1] = 1 - p[2 * i];
    }
    return new OutputBatch(n, 2, 0, p, new double[0], labels);
  }

  private static double gaussian(UniformRandomProvider random) {
    double sum = -6;
    for (int i = 0; i < 12; i++) {
      sum += random.nextDouble();
    }
    return sum;
  }

  private static double accuracy(OutputBatch batch, double[] answer) {
    int[] labels = Rows.argmax(answer, batch.size(), 2);
    int right = 0;
    for (int i = 0; i < batch.size(); i++) {
      right += labels[i] == batch.labels()[i] ? 1 : 0;
    }
    return right / (double) batch.size();
  }

  @Test
  void emFindsTheLabelDistribution() {
    for (double share : new double[] {0.5, 0.8, 0.93}) {
      LabelShiftEm em = new LabelShiftEm(EVEN, new LabelShiftEmSettings(5000, 0, 500));
      OutputBatch batch = samples(5000, share, 3);
      em.adapt(batch);
      assertEquals(share, em.prior()[0], 0.025);
    }
  }

  /** At the fixed point the prior is the mean of the corrected answers. */
  @Test
  void emStandsWhereTheLikelihoodDoes() {
    LabelShiftEm em = new LabelShiftEm(EVEN, new LabelShiftEmSettings(0, 0, 10_000));
    OutputBatch batch = samples(400, 0.7, 4);
    em.adapt(batch);
    double[] answer = new double[800];
    em.predict(batch, answer);
    double mean = 0;
    for (int i = 0; i < 400; i++) {
      mean += answer[2 * i] / 400;
    }
    assertEquals(em.prior()[0], mean, 1e-5);
  }

  /** The window is a ring: what left it no longer counts. */
  @Test
  void windowForgets() {
    LabelShiftEm em = new LabelShiftEm(EVEN, new LabelShiftEmSettings(300, 5, 100));
    em.adapt(samples(250, 0.95, 5));
    for (int i = 0; i < 6; i++) {
      em.adapt(samples(50, 0.2, 6 + i));
    }
    LabelShiftEm fresh = new LabelShiftEm(EVEN, new LabelShiftEmSettings(300, 5, 100));
    for (int i = 0; i < 6; i++) {
      fresh.adapt(samples(50, 0.2, 6 + i));
    }
    assertArrayEquals(fresh.prior(), em.prior(), 1e-9);
  }

  @Test
  void strengthHoldsTheSourcePrior() {
    LabelShiftEm held = new LabelShiftEm(EVEN, new LabelShiftEmSettings(0, 1e9, 100));
    held.adapt(samples(400, 0.9, 7));
    assertArrayEquals(EVEN, held.prior(), 1e-5);
  }

  @Test
  void bothGainUnderShiftAndLoseLittleWithout() {
    for (String method : new String[] {"prior-correction", "label-shift-em"}) {
      for (double share : new double[] {0.5, 0.9}) {
        var adaptation =
            AdaptationFactory.of(method, ConfigFactory.empty()).create(MethodContext.of(2, 0));
        double frozen = 0;
        double corrected = 0;
        for (int i = 0; i < 60; i++) {
          OutputBatch batch = samples(64, share, 100 + i);
          double[] answer = new double[128];
          adaptation.step(batch, answer);
          frozen += accuracy(batch, batch.probabilities()) / 60;
          corrected += accuracy(batch, answer) / 60;
        }
        String shown = "%s at %.1f: %.4f, frozen %.4f".formatted(method, share, corrected, frozen);
        assertTrue(corrected > frozen + (share == 0.5 ? -0.005 : 0.06), shown);
      }
    }
  }

  @Test
  void givenTargetIsExactAndNeverMoves() {
    OutputCorrector correction =
        new PriorCorrection(new double[] {0.25, 0.75}, new double[] {0.6, 0.4}, 100);
    OutputBatch batch = new OutputBatch(1, 2, 0, new double[] {0.5, 0.5}, new double[0], null);
    correction.adapt(batch);
    double[] answer = new double[2];
    correction.predict(batch, answer);
    double first = 0.5 * 0.6 / 0.25;
    double second = 0.5 * 0.4 / 0.75;
    assertArrayEquals(
        new double[] {first / (first + second), second / (first + second)}, answer, 1e-12);
  }

  /** No class is given up: at least a tenth of an even share is left, before scaling. */
  @Test
  void rareClassesKeepAShare() {
    LabelShiftEm em = new LabelShiftEm(EVEN, new LabelShiftEmSettings(0, 0, 1000));
    double[] p = new double[200];
    for (int i = 0; i < 200; i++) {
      p[i] = i % 2;
    }
    em.adapt(new OutputBatch(100, 2, 0, p, new double[0], null));
    assertEquals(0.05 / 1.05, em.prior()[0], 1e-12);
  }

  /** A target that is given counts as it is, however rare a class is in it. */
  @Test
  void givenTargetMayNameRareAndMissingClasses() {
    OutputCorrector correction = new PriorCorrection(EVEN, new double[] {0.999, 0.001}, 100);
    double[] answer = new double[4];
    double[] p = {0.5, 0.5, 0.1, 0.9};
    OutputBatch batch = new OutputBatch(2, 2, 0, p, new double[0], null);
    correction.predict(batch, answer);
    assertEquals(0.999, answer[0], 1e-12);
    OutputCorrector never = new PriorCorrection(EVEN, new double[] {0, 1}, 100);
    never.predict(
        new OutputBatch(2, 2, 0, new double[] {0.5, 0.5, 1, 0}, new double[0], null), answer);
    assertArrayEquals(new double[] {0, 1, 1, 0}, answer, 0.0);
  }

  /** A source with rare classes: before anything was seen the answer is the model's. */
  @Test
  void aLongTailedSourceAloneChangesNothing() {
    double[] source = {0.98, 0.0195, 0.0005};
    OutputBatch batch = new OutputBatch(1, 3, 0, new double[] {0.6, 0.3, 0.1}, new double[0], null);
    LabelShiftEm held = new LabelShiftEm(source, new LabelShiftEmSettings(0, 1e12, 100));
    held.adapt(batch);
    for (OutputCorrector method :
        new OutputCorrector[] {new PriorCorrection(source, new double[0], 1000), held}) {
      double[] answer = new double[3];
      method.predict(batch, answer);
      assertArrayEquals(batch.probabilities(), answer, 1e-9);
    }
  }

  @Test
  void targetsThatDoNotFitAreRefused() {
    SettingsException negative =
        assertThrows(
            SettingsException.class,
            () ->
                AdaptationFactory.of(
                    "prior-correction", ConfigFactory.parseString("target = [1, -1]")));
    assertTrue(negative.getMessage().contains("-1"), negative.getMessage());
    AcclimateException size =
        assertThrows(
            AcclimateException.class,
            () ->
                AdaptationFactory.of(
                        "prior-correction", ConfigFactory.parseString("target = [1, 2, 3]"))
                    .create(MethodContext.of(2, 0)));
    assertTrue(size.getMessage().contains("expected 2 shares"), size.getMessage());
  }
}
