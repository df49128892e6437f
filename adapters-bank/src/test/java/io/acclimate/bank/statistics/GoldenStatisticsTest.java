package io.acclimate.bank.statistics;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import com.fasterxml.jackson.databind.JsonNode;
import io.acclimate.bank.Golden;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Class statistics and the samples drawn from them agree with MOS's code. */
class GoldenStatisticsTest {
  private static final double TOLERANCE = 1e-9;
  private static final double RIDGE = 1e-4;

  @ParameterizedTest
  @CsvSource({"covariance, FULL", "variance, DIAGONAL", "covariance, LOW_RANK"})
  void meansCovariancesAndSamples(String mode, CovarianceKind kind) {
    JsonNode golden = Golden.read("mos_classifier_alignment");
    JsonNode expected = golden.get("expected").get(mode);
    int d = golden.get("dim").intValue();
    ClassStatistics statistics = new ClassStatistics(new StatisticsSettings(kind, d, RIDGE), d);
    for (int label = 0; label < golden.get("features").size(); label++) {
      for (JsonNode sample : golden.get("features").get(label)) {
        statistics.add(label, Golden.numbers(sample));
      }
      FeatureStatistics found = statistics.of(label);
      assertArrayEquals(
          Golden.numbers(expected.get("cls_mean").get(label)), found.mean(), TOLERANCE);
      double[] covariance = found.covariance(RIDGE);
      double[] expectedCovariance = Golden.numbers(expected.get("cls_cov").get(label));
      assertArrayEquals(
          mode.equals("variance") ? Matrices.diagonal(expectedCovariance) : expectedCovariance,
          covariance,
          TOLERANCE);
      if (kind != CovarianceKind.LOW_RANK) {
        assertSamples(expected, label, statistics.sampler(label));
      }
    }
  }

  private static void assertSamples(JsonNode expected, int label, GaussianSampler sampler) {
    JsonNode noise = expected.get("eps_per_epoch_class").get(0).get(label);
    double[] samples = Golden.numbers(expected.get("first_epoch_samples").get(label));
    double[] features = new double[sampler.dimension()];
    for (int row = 0; row < noise.size(); row++) {
      sampler.transform(Golden.numbers(noise.get(row)), features);
      int from = row * features.length;
      assertArrayEquals(
          Arrays.copyOfRange(samples, from, from + features.length), features, TOLERANCE);
    }
  }
}
