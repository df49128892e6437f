package io.acclimate.continual.shift;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigFactory;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.settings.SettingsReader;
import io.acclimate.runtime.state.State;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.rng.UniformRandomProvider;
import org.apache.commons.rng.sampling.distribution.ZigguratSampler;
import org.junit.jupiter.api.Test;

class ShiftDetectorTest {
  private static final int SIZE = 6;
  private static final int ROWS = 16;

  private static ShiftSettings settings() {
    SettingsReader reader =
        new SettingsReader(
            ConfigFactory.empty(),
            ConfigFactory.defaultReference().getConfig("acclimate.continual.shift"),
            "");
    return ShiftSettings.read(reader);
  }

  private static ShiftDetector detector() {
    return new ShiftDetector(settings(), SIZE);
  }

  /** Two classes at -1 and 1 on the first axis, noise of 0.3, all moved on the second axis. */
  private static double[][] batch(UniformRandomProvider random, double offset) {
    ZigguratSampler.NormalizedGaussian noise = ZigguratSampler.NormalizedGaussian.of(random);
    double[][] rows = new double[ROWS][SIZE];
    for (double[] row : rows) {
      for (int i = 0; i < SIZE; i++) {
        row[i] = 0.3 * noise.sample();
      }
      row[0] += random.nextBoolean() ? 1 : -1;
      row[1] += offset;
    }
    return rows;
  }

  @Test
  void aStreamThatDoesNotChangeRaisesFewAlarms() {
    UniformRandomProvider random = SeedTree.of(1).generator();
    ShiftDetector detector = detector();
    int alarms = 0;
    for (int i = 0; i < 2_000; i++) {
      alarms += detector.observe(batch(random, 0)) > 0 ? 1 : 0;
    }
    assertTrue(alarms <= 2, alarms + " alarms in 2000 batches");
  }

  @Test
  void changesAreFoundSoonAndDatedBack() {
    UniformRandomProvider random = SeedTree.of(2).generator();
    ShiftDetector detector = detector();
    List<Integer> starts = new ArrayList<>();
    for (int i = 0; i < 150; i++) {
      int changed = detector.observe(batch(random, i / 50));
      if (changed > 0) {
        starts.add(i + 1 - changed);
      }
    }
    assertEquals(2, starts.size(), "" + starts);
    assertEquals(50, starts.get(0), 1);
    assertEquals(100, starts.get(1), 1);
  }

  /** A mean of n samples is as far from one of N as chance allows: 1 on average. */
  @Test
  void theExpectedDistanceIsTheOneMeasured() {
    UniformRandomProvider random = SeedTree.of(3).generator();
    FeatureMoments reference = new FeatureMoments(SIZE);
    double sum = 0;
    for (int i = 0; i < 3_000; i++) {
      FeatureMoments batch = new FeatureMoments(SIZE);
      for (double[] row : batch(random, 0)) {
        batch.add(row);
      }
      if (i > 0) {
        double expected = 1.0 / batch.count() + 1.0 / reference.count();
        sum += reference.squaredDistance(batch) / reference.totalVariance() / expected;
      }
      reference.addAll(batch);
    }
    assertEquals(1, sum / 2_999, 0.05);
  }

  @Test
  void aSavedDetectorGoesOn() {
    UniformRandomProvider random = SeedTree.of(4).generator();
    ShiftDetector whole = detector();
    for (int i = 0; i < 20; i++) {
      whole.observe(batch(random, 0));
    }
    whole.observe(batch(random, 0.2));
    ShiftDetector resumed = detector();
    State.fromBytes(State.of(whole).toBytes()).restore(resumed);
    for (int i = 0; i < 10; i++) {
      double[][] next = batch(random, 0.5);
      assertEquals(whole.observe(next), resumed.observe(next));
    }
    assertEquals(State.of(whole).sha256(), State.of(resumed).sha256());
  }

  @Test
  void equalSamplesAndBrokenOnesAreNoShift() {
    ShiftDetector detector = detector();
    for (int i = 0; i < 100; i++) {
      assertEquals(0, detector.observe(new double[ROWS][SIZE]));
    }
    String before = State.of(detector).sha256();
    double[][] broken = new double[1][SIZE];
    broken[0][3] = Double.NaN;
    assertEquals(0, detector.observe(broken));
    assertEquals(before, State.of(detector).sha256());
    assertEquals(0, detector.observe(new double[0][]));
    AcclimateException mistake =
        assertThrows(AcclimateException.class, () -> detector.observe(new double[1][2]));
    assertTrue(mistake.getMessage().contains("6 features"), mistake.getMessage());
  }
}
