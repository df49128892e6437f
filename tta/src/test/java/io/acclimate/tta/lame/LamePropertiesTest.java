package io.acclimate.tta.lame;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigFactory;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.method.MethodRegistry;
import io.acclimate.runtime.settings.SettingsException;
import io.acclimate.runtime.settings.SettingsReader;
import io.acclimate.tta.CorrectorProvider;
import io.acclimate.tta.OutputBatch;
import java.util.Locale;
import org.apache.commons.rng.UniformRandomProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LamePropertiesTest {
  @ParameterizedTest
  @EnumSource(Affinity.class)
  void rowsStayProbabilities(Affinity affinity) {
    OutputBatch batch = random(48, 7, 12, 3);
    double[] y = correct(settings(affinity, 5, 1), batch);
    for (int i = 0; i < batch.size(); i++) {
      double sum = 0;
      for (int c = 0; c < batch.classes(); c++) {
        assertTrue(y[i * batch.classes() + c] >= 0);
        sum += y[i * batch.classes() + c];
      }
      assertEquals(1, sum, 1e-12);
    }
  }

  /** Without the neighbours' pull the answer is the model's own, but for the floor of 1e-10. */
  @ParameterizedTest
  @EnumSource(Affinity.class)
  void lambdaZeroChangesNothing(Affinity affinity) {
    OutputBatch batch = random(20, 5, 8, 4);
    assertArrayEquals(batch.probabilities(), correct(settings(affinity, 5, 0), batch), 1e-8);
  }

  /** The order of the samples in a batch does not matter. */
  @ParameterizedTest
  @EnumSource(Affinity.class)
  void reversedBatchGivesReversedAnswer(Affinity affinity) {
    OutputBatch batch = random(30, 6, 10, 5);
    OutputBatch reversed =
        new OutputBatch(
            30, 6, 10, reverse(batch.probabilities(), 6), reverse(batch.features(), 10), null);
    LameSettings settings = settings(affinity, 5, 1);
    assertArrayEquals(reverse(correct(settings, batch), 6), correct(settings, reversed), 1e-9);
  }

  @Test
  void oneCorrectorServesBatchesOfChangingSize() {
    Lame reused = new Lame(settings(Affinity.KNN, 5, 1));
    for (int size : new int[] {64, 1, 7, 64, 3}) {
      OutputBatch batch = random(size, 10, 16, size);
      double[] y = new double[size * 10];
      reused.predict(batch, y);
      assertArrayEquals(correct(settings(Affinity.KNN, 5, 1), batch), y, 0.0);
    }
  }

  /** Where no width exists the frozen output is returned, not NaN. */
  @Test
  void coincidingSamplesAndSingleSamplesAreLeftAsTheyAre() {
    double[] probabilities = {0.7, 0.3, 0.2, 0.8};
    OutputBatch twins = new OutputBatch(2, 2, 1, probabilities, new double[] {2, 2}, null);
    assertArrayEquals(probabilities, correct(settings(Affinity.RBF, 5, 1), twins), 0.0);
    OutputBatch single = new OutputBatch(1, 2, 1, new double[] {0.7, 0.3}, new double[] {1}, null);
    assertArrayEquals(new double[] {0.7, 0.3}, correct(settings(Affinity.RBF, 5, 1), single), 0.0);
    assertArrayEquals(new double[] {0.7, 0.3}, correct(settings(Affinity.KNN, 5, 1), single), 1e-9);
  }

  @Test
  void symmetryIsTheMeanWithTheTranspose() {
    OutputBatch batch = random(12, 4, 6, 9);
    LameSettings symmetric = new LameSettings(Affinity.KNN, 3, true, 1, 1);
    LameSettings plain = new LameSettings(Affinity.KNN, 3, false, 1, 1);
    AffinityMatrix w = new AffinityMatrix(plain);
    AffinityMatrix v = new AffinityMatrix(symmetric);
    w.compute(batch.features(), 12, 6);
    v.compute(batch.features(), 12, 6);
    double[][] wRows = rows(w, 12);
    double[][] vRows = rows(v, 12);
    for (int i = 0; i < 12; i++) {
      for (int j = 0; j < 12; j++) {
        assertEquals((wRows[i][j] + wRows[j][i]) / 2, vRows[i][j], 1e-15);
      }
    }
  }

  private static double[][] rows(AffinityMatrix matrix, int n) {
    double[][] identity = new double[n][n];
    double[] scales = new double[n];
    double[][] rows = new double[n][n];
    for (int i = 0; i < n; i++) {
      identity[i][i] = 1;
      scales[i] = 1;
    }
    for (int i = 0; i < n; i++) {
      matrix.multiplyRow(i, identity, scales, n, rows[i]);
    }
    return rows;
  }

  @Test
  void defaultsAreThoseOfTheReferenceFile() {
    assertEquals(new LameSettings(Affinity.KNN, 5, false, 100, 1), LameSettings.defaults());
  }

  @Test
  void mistakesInSettingsAreAllReported() {
    var given =
        ConfigFactory.parseString("affinity = cosine, knn = 0, lambda = -1, force-symetry = true");
    SettingsReader settings = new SettingsReader(given, MethodRegistry.defaults("lame"), "lame");
    CorrectorProvider.registry().require("lame").read(settings);
    settings.rejectUnknown();
    SettingsException error =
        assertThrows(SettingsException.class, () -> settings.throwIfAny("scenario"));
    assertEquals(4, error.problems().size());
    assertTrue(error.getMessage().contains("knn | rbf | linear"), error.getMessage());
    assertTrue(error.getMessage().contains("did you mean 'force-symmetry'"), error.getMessage());
  }

  @Test
  void badBatchesAreRefused() {
    assertRefused("row 0, column 1", 1, new double[] {0.5, Double.NaN}, new double[] {1});
    assertRefused("infin", 1, new double[] {0.5, 0.5}, new double[] {Double.POSITIVE_INFINITY});
    assertRefused("at least 0", 1, new double[] {-0.5, 1.5}, new double[] {1});
    assertRefused("expected 2 x 2 values", 2, new double[] {0.5, 0.5}, new double[] {1, 2});
    assertRefused("empty", 0, new double[0], new double[0]);
  }

  private static void assertRefused(
      String words, int size, double[] probabilities, double[] features) {
    AcclimateException error =
        assertThrows(
            AcclimateException.class,
            () -> new OutputBatch(size, 2, 1, probabilities, features, null));
    assertTrue(error.getMessage().toLowerCase(Locale.ROOT).contains(words), error.getMessage());
  }

  private static LameSettings settings(Affinity affinity, int knn, double lambda) {
    return new LameSettings(affinity, knn, false, 100, lambda);
  }

  private static double[] correct(LameSettings settings, OutputBatch batch) {
    double[] y = new double[batch.size() * batch.classes()];
    new Lame(settings).predict(batch, y);
    return y;
  }

  private static double[] reverse(double[] rows, int columns) {
    int n = rows.length / columns;
    double[] reversed = new double[rows.length];
    for (int i = 0; i < n; i++) {
      System.arraycopy(rows, i * columns, reversed, (n - 1 - i) * columns, columns);
    }
    return reversed;
  }

  private static OutputBatch random(int n, int classes, int d, long seed) {
    UniformRandomProvider random = SeedTree.of(seed).generator();
    double[] probabilities = new double[n * classes];
    double[] features = new double[n * d];
    for (int i = 0; i < n; i++) {
      double sum = 0;
      for (int c = 0; c < classes; c++) {
        probabilities[i * classes + c] = Math.exp(3 * random.nextDouble());
        sum += probabilities[i * classes + c];
      }
      for (int c = 0; c < classes; c++) {
        probabilities[i * classes + c] /= sum;
      }
    }
    for (int k = 0; k < features.length; k++) {
      features[k] = random.nextDouble() - 0.3;
    }
    return new OutputBatch(n, classes, d, probabilities, features, null);
  }
}
