package io.acclimate.bank.statistics;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.settings.SettingsReader;
import io.acclimate.runtime.state.State;
import java.util.Arrays;
import java.util.Set;
import org.apache.commons.rng.UniformRandomProvider;
import org.apache.commons.rng.sampling.distribution.ZigguratSampler;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ClassStatisticsTest {
  private static final int D = 12;
  private static final int N = 200;

  /** Features far from zero that vary in a few directions and a little in each feature. */
  private static double[][] samples(int count, int directions, double noise, long seed) {
    UniformRandomProvider random = SeedTree.of(seed).generator();
    ZigguratSampler normal = ZigguratSampler.NormalizedGaussian.of(random);
    double[][] axes = new double[directions][D];
    for (double[] axis : axes) {
      Arrays.setAll(axis, i -> normal.sample());
    }
    double[][] samples = new double[count][D];
    for (double[] sample : samples) {
      Arrays.setAll(sample, i -> 100 + i + noise * normal.sample());
      for (double[] axis : axes) {
        double strength = normal.sample();
        for (int i = 0; i < D; i++) {
          sample[i] += strength * axis[i];
        }
      }
    }
    return samples;
  }

  private static FeatureStatistics statistics(CovarianceKind kind, int rank, double[][] samples) {
    FeatureStatistics statistics = new StatisticsSettings(kind, rank, 0).create(D);
    for (double[] sample : samples) {
      statistics.add(sample);
    }
    return statistics;
  }

  private static double[] batchMean(double[][] samples) {
    double[] mean = new double[D];
    for (double[] sample : samples) {
      for (int i = 0; i < D; i++) {
        mean[i] += sample[i] / samples.length;
      }
    }
    return mean;
  }

  private static double[] batchCovariance(double[][] samples) {
    double[] mean = batchMean(samples);
    double[] covariance = new double[D * D];
    for (double[] sample : samples) {
      for (int i = 0; i < D; i++) {
        for (int j = 0; j < D; j++) {
          covariance[i * D + j] +=
              (sample[i] - mean[i]) * (sample[j] - mean[j]) / (samples.length - 1);
        }
      }
    }
    return covariance;
  }

  private static double[] diagonal(double[] matrix) {
    double[] diagonal = new double[D];
    Arrays.setAll(diagonal, i -> matrix[i * D + i]);
    return diagonal;
  }

  @ParameterizedTest
  @EnumSource(CovarianceKind.class)
  void sampleBySampleIsTheWholeAtOnceInAnyOrderAndInParts(CovarianceKind kind) {
    double[][] samples = samples(N, 3, 1, 1);
    double[][] reversed = new double[N][];
    Arrays.setAll(reversed, i -> samples[N - 1 - i]);
    FeatureStatistics parts = statistics(kind, 4, Arrays.copyOf(samples, 30));
    parts.addAll(statistics(kind, 4, Arrays.copyOfRange(samples, 30, N)));
    parts.addAll(statistics(kind, 4, new double[0][]));
    for (FeatureStatistics found :
        new FeatureStatistics[] {
          statistics(kind, 4, samples), statistics(kind, 4, reversed), parts
        }) {
      assertEquals(N, found.count());
      assertArrayEquals(batchMean(samples), found.mean(), 1e-9);
      double[] expected = batchCovariance(samples);
      double[] covariance = found.covariance(0);
      switch (kind) {
        case NONE -> assertArrayEquals(new double[D * D], covariance);
        case DIAGONAL -> assertArrayEquals(Matrices.diagonal(diagonal(expected)), covariance, 1e-9);
        case FULL -> assertArrayEquals(expected, covariance, 1e-9);
        case LOW_RANK -> assertArrayEquals(diagonal(expected), diagonal(covariance), 1e-9);
      }
    }
  }

  @Test
  void lowRankIsExactWhenTheSpreadIs() {
    double[][] samples = samples(N, 3, 0, 2);
    double[] expected = batchCovariance(samples);
    assertArrayEquals(
        expected, statistics(CovarianceKind.LOW_RANK, 4, samples).covariance(0), 1e-8);
  }

  /** Frequent directions: the sum of squares is missed by at most its trace over the rank. */
  @Test
  void lowRankMissesNoMoreThanItsBound() {
    double[][] samples = samples(N, 6, 0.5, 3);
    double[] expected = batchCovariance(samples);
    double[] found = statistics(CovarianceKind.LOW_RANK, 4, samples).covariance(0);
    double bound = Arrays.stream(diagonal(expected)).sum() / 4;
    double worst = 0;
    for (int i = 0; i < D * D; i++) {
      worst = Math.max(worst, Math.abs(expected[i] - found[i]));
    }
    assertTrue(worst > 1e-3 && worst <= bound, worst + " of at most " + bound);
  }

  @ParameterizedTest
  @EnumSource(
      value = CovarianceKind.class,
      names = {"DIAGONAL", "LOW_RANK", "FULL"})
  void whatIsDrawnHasTheMeanAndCovariance(CovarianceKind kind) {
    FeatureStatistics statistics = statistics(kind, 4, samples(N, 3, 1, 4));
    GaussianSampler sampler = statistics.sampler(0.01);
    int drawn = 20_000;
    double[] flat = sampler.sample(drawn, SeedTree.of(9).generator());
    double[][] rows = new double[drawn][];
    Arrays.setAll(rows, i -> Arrays.copyOfRange(flat, i * D, (i + 1) * D));
    assertArrayEquals(statistics.mean(), batchMean(rows), 0.1);
    double[] expected = statistics.covariance(0.01);
    double scale = Arrays.stream(diagonal(expected)).max().orElseThrow();
    assertArrayEquals(expected, batchCovariance(rows), 0.05 * scale);
    assertArrayEquals(flat, sampler.sample(drawn, SeedTree.of(9).generator()), "equal seeds");
  }

  @ParameterizedTest
  @EnumSource(CovarianceKind.class)
  void oneSampleHasNoSpreadAndCanBeDrawnWithARidge(CovarianceKind kind) {
    FeatureStatistics one = statistics(kind, 4, samples(1, 1, 1, 5));
    assertArrayEquals(Matrices.diagonal(filled(0.25)), one.covariance(0.25), 1e-12);
    double[] features = new double[D];
    GaussianSampler sampler = one.sampler(0.25);
    sampler.transform(new double[sampler.noiseSize()], features);
    assertArrayEquals(one.mean(), features);
  }

  private static double[] filled(double value) {
    double[] values = new double[D];
    Arrays.fill(values, value);
    return values;
  }

  @Test
  void aSingularCovarianceIsRefusedWithAWayOut() {
    FeatureStatistics full = statistics(CovarianceKind.FULL, 4, samples(3, 1, 1, 6));
    AcclimateException error = assertThrows(AcclimateException.class, () -> full.sampler(0));
    assertTrue(error.getMessage().contains("a larger ridge helps"), error.getMessage());
    full.sampler(1e-4);
  }

  @ParameterizedTest
  @EnumSource(CovarianceKind.class)
  void savedAndRestoredTheyGoOnBitForBit(CovarianceKind kind) {
    ClassStatistics original = filledClasses(kind);
    ClassStatistics restored = new ClassStatistics(new StatisticsSettings(kind, 4, 0), D);
    restored.add(7, new double[D]);
    State.fromBytes(State.of(original).toBytes()).restore(restored);
    for (double[] sample : samples(30, 2, 1, 8)) {
      original.add(1, sample);
      restored.add(1, sample);
    }
    assertEquals(State.of(original).sha256(), State.of(restored).sha256());
    assertEquals(Set.of(1, 3), restored.labels());
    assertEquals(original.bytes(), restored.bytes());
  }

  private static ClassStatistics filledClasses(CovarianceKind kind) {
    ClassStatistics classes = new ClassStatistics(new StatisticsSettings(kind, 4, 0), D);
    for (double[] sample : samples(25, 2, 1, 7)) {
      classes.add(3, sample);
      classes.add(1, sample);
    }
    return classes;
  }

  @Test
  void classesAddUp() {
    ClassStatistics classes = filledClasses(CovarianceKind.FULL);
    classes.addAll(filledClasses(CovarianceKind.FULL));
    assertEquals(50, classes.of(3).count());
    ClassStatistics other = filledClasses(CovarianceKind.DIAGONAL);
    other.add(8, new double[D]);
    assertRefused("covariance FULL, found 12 and DIAGONAL", () -> classes.addAll(other));
    assertEquals(Set.of(1, 3), classes.labels());
  }

  @Test
  void badSamplesAreRefusedAndChangeNothing() {
    ClassStatistics classes = filledClasses(CovarianceKind.FULL);
    State before = State.of(classes);
    double[] broken = new double[D];
    broken[5] = Double.NaN;
    assertRefused("sample of class 4: feature 5", () -> classes.add(4, broken));
    assertRefused("expected 12 features, found 2", () -> classes.add(1, new double[2]));
    assertRefused("class from 0, found -1", () -> classes.add(-1, new double[D]));
    assertRefused("one of the classes [1, 3], found 9", () -> classes.of(9));
    assertEquals(before, State.of(classes));
  }

  private static void assertRefused(String words, org.junit.jupiter.api.function.Executable call) {
    AcclimateException error = assertThrows(AcclimateException.class, call);
    assertTrue(error.getMessage().contains(words), error.getMessage());
  }

  @Test
  void bytesAreWhatIsSaved() {
    for (CovarianceKind kind : CovarianceKind.values()) {
      FeatureStatistics statistics = statistics(kind, 4, samples(5, 1, 1, 1));
      long overhead = Long.BYTES + (kind == CovarianceKind.LOW_RANK ? Integer.BYTES : 0);
      assertEquals(State.of(statistics).tensorBytes(), statistics.bytes() + overhead, "" + kind);
    }
  }

  @Test
  void settingsHaveTheirDefaults() {
    Config defaults =
        ConfigFactory.defaultReference(getClass().getClassLoader())
            .getConfig("acclimate.class-statistics");
    SettingsReader reader = new SettingsReader(ConfigFactory.empty(), defaults, "");
    assertEquals(
        new StatisticsSettings(CovarianceKind.LOW_RANK, 8, 1e-4), StatisticsSettings.read(reader));
    reader.throwIfAny("settings");
  }
}
