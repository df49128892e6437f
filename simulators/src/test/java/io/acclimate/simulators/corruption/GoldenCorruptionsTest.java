package io.acclimate.simulators.corruption;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.apache.commons.rng.simple.RandomSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Replays the recorded draws of the benchmark's own generator and compares the images. */
class GoldenCorruptionsTest {
  private static final int SEVERITY = 5;

  private final Image input = Golden.input();

  /** Equal to the last bit, the JPEG codec included. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "gaussian_noise",
        "defocus_blur",
        "glass_blur",
        "motion_blur",
        "fog",
        "brightness",
        "contrast",
        "pixelate",
        "jpeg_compression",
        "speckle_noise",
        "gaussian_blur",
        "spatter",
        "saturate"
      })
  void equalsTheBenchmark(String name) {
    assertWithin(name, 0, 0);
  }

  /** The benchmark computes these in single precision; the truncation then differs by one level. */
  @ParameterizedTest
  @CsvSource({"zoom_blur, 1, 0.1", "snow, 1, 0.0005", "elastic_transform, 1, 0.07"})
  void isWithinOneLevelOfTheBenchmark(String name, int maxDifference, double meanDifference) {
    assertWithin(name, maxDifference, meanDifference);
  }

  private void assertWithin(String name, int maxDifference, double meanDifference) {
    var calls = Golden.recorded(name);
    assertTrue(calls.size() >= 2, () -> "Too few recorded calls of " + name);
    calls.forEach(
        (severity, recorded) -> {
          ReplayDraws draws = new ReplayDraws(recorded.draws());
          Image out = run(name, severity, draws);
          draws.assertAllUsed();
          Golden.Difference found = Golden.difference(out, recorded.out());
          assertTrue(
              found.max() <= maxDifference && found.mean() <= meanDifference,
              () -> name + " at severity " + severity + ": " + found);
        });
  }

  /** The counts behind the recorded image give the same image again. */
  @Test
  void shotNoiseTurnsCountsIntoTheRecordedLevels() {
    Image recorded = Golden.recorded("shot_noise").get(SEVERITY).out();
    double photons = ParameterTable.CIFAR.parameters("shot_noise", SEVERITY)[0];
    Draws counts =
        new FixedDraws() {
          private int next;

          @Override
          public int poisson(double mean) {
            assertEquals((input.samples()[next] & 0xFF) / 255. * photons, mean, 1e-12);
            return (int) Math.ceil((recorded.samples()[next++] & 0xFF) / 255. * photons);
          }
        };
    assertEquals(recorded, run("shot_noise", SEVERITY, counts));
  }

  /** Fresh draws spread as much as the recorded ones. */
  @Test
  void shotNoiseIsAsStrongAsRecorded() {
    Image recorded = Golden.recorded("shot_noise").get(SEVERITY).out();
    Image fresh = fresh("shot_noise");
    double expected = Golden.difference(recorded, input).mean();
    assertEquals(expected, Golden.difference(fresh, input).mean(), 0.05 * expected);
    assertEquals(mean(recorded), mean(fresh), 1.5);
  }

  /** The recorded image shows which samples were hit, and by salt or by pepper. */
  @Test
  void impulseNoiseReplacesTheRecordedSamples() {
    Image recorded = Golden.recorded("impulse_noise").get(SEVERITY).out();
    Draws hits =
        new FixedDraws() {
          private int next;
          private boolean hit;

          @Override
          public double uniform(double low, double high) {
            int level = recorded.samples()[next] & 0xFF;
            if (hit) {
              hit = false;
              next++;
              return level == 255 ? 0.25 : 0.75;
            }
            hit = level != (input.samples()[next] & 0xFF);
            next += hit ? 0 : 1;
            return hit ? 0.0699 : 0.0701;
          }
        };
    assertEquals(recorded, run("impulse_noise", SEVERITY, hits));
  }

  /** Fresh draws hit as many samples as the recorded ones, with as much salt. */
  @Test
  void impulseNoiseIsAsStrongAsRecorded() {
    Image recorded = Golden.recorded("impulse_noise").get(SEVERITY).out();
    Image fresh = fresh("impulse_noise");
    assertAll(
        () -> assertEquals(changed(recorded, 255), changed(fresh, 255), 35),
        () -> assertEquals(changed(recorded, 0), changed(fresh, 0), 35));
  }

  private Image run(String name, int severity, Draws draws) {
    TableCorruption corruption = (TableCorruption) Corruptions.byName(name);
    return corruption.effect().apply(input, ParameterTable.CIFAR.parameters(name, severity), draws);
  }

  private Image fresh(String name) {
    return Corruptions.byName(name).apply(input, SEVERITY, RandomSource.XO_SHI_RO_256_PP.create(1));
  }

  /** The number of samples that were changed to a level. */
  private int changed(Image image, int level) {
    int count = 0;
    for (int i = 0; i < image.samples().length; i++) {
      boolean differs = image.samples()[i] != input.samples()[i];
      count += differs && (image.samples()[i] & 0xFF) == level ? 1 : 0;
    }
    return count;
  }

  private static double mean(Image image) {
    double sum = 0;
    for (byte sample : image.samples()) {
      sum += sample & 0xFF;
    }
    return sum / image.samples().length;
  }
}
