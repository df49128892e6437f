package io.acclimate.tta;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.state.State;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SourceStatisticsTest {
  private static SourceStatistics ofThreeSamples() {
    SourceStatistics statistics = new SourceStatistics(2, 2);
    statistics.add(
        new OutputBatch(
            2,
            2,
            2,
            new double[] {0.8, 0.2, 0.4, 0.6},
            new double[] {1, 10, 3, 20},
            new int[] {0, 0}));
    statistics.add(
        new OutputBatch(1, 2, 2, new double[] {0.1, 0.9}, new double[] {5, 60}, new int[] {1}));
    return statistics;
  }

  @Test
  void momentsAreThoseOfTheSamples() {
    SourceStatistics statistics = ofThreeSamples();
    assertEquals(3, statistics.samples());
    assertArrayEquals(new double[] {3 / 5.0, 2 / 5.0}, statistics.prior(), 1e-12);
    assertArrayEquals(new double[] {2, 15, 5, 60}, statistics.classMeans(), 1e-12);
    assertArrayEquals(new double[] {3, 30}, statistics.featureMeans(), 1e-12);
    assertArrayEquals(
        new double[] {Math.sqrt(8 / 3.0), Math.sqrt(1400 / 3.0)},
        statistics.featureDeviations(),
        1e-9);
    assertArrayEquals(new double[] {2 / 3.0, 50 / 3.0}, statistics.withinClassVariances(), 1e-9);
    assertArrayEquals(new double[] {0.6, 0.4, 0.1, 0.9}, statistics.meanAnswers(), 1e-12);
  }

  @Test
  void savedAndReadStatisticsAreTheSame() {
    SourceStatistics read = new SourceStatistics(2, 2);
    State.fromBytes(State.of(ofThreeSamples()).toBytes()).restore(read);
    assertEquals(State.of(ofThreeSamples()), State.of(read));
    assertThrows(
        AcclimateException.class,
        () -> State.of(ofThreeSamples()).restore(new SourceStatistics(3, 2)));
  }

  @Test
  void otherSizesThanTheModelsAreRefused() {
    AcclimateException error =
        assertThrows(
            AcclimateException.class,
            () ->
                new MethodContext(
                    4, 2, Optional.empty(), Optional.of(ofThreeSamples()), SeedTree.of(1)));
    assertTrue(error.getMessage().contains("expected 4 classes"), error.getMessage());
    assertThrows(
        AcclimateException.class,
        () ->
            ofThreeSamples()
                .add(new OutputBatch(1, 2, 0, new double[] {1, 0}, new double[0], null)));
  }
}
