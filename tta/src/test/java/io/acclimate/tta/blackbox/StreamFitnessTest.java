package io.acclimate.tta.blackbox;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.acclimate.tta.OutputBatch;
import io.acclimate.tta.SourceStatistics;
import org.junit.jupiter.api.Test;

class StreamFitnessTest {
  private static OutputBatch batch(double first, double second) {
    return new OutputBatch(
        2, 2, 1, new double[] {.5, .5, 1, 0}, new double[] {first, second}, new int[] {0, 1});
  }

  private static SourceStatistics source() {
    SourceStatistics source = new SourceStatistics(2, 1);
    source.add(batch(-1, 1));
    return source;
  }

  /** The source's deviation is 1; that of a batch has n - 1 degrees of freedom. */
  @Test
  void onTheSourceOnlyTheEntropyIsLeft() {
    double root = Math.sqrt(0.5);
    assertEquals(Math.log(2), new StreamFitness(source(), 0.4).of(batch(-root, root)), 1e-12);
  }

  /** Mean 3 and deviation 2 against 0 and 1: a distance of 9 + 1, for 2 of 64 samples. */
  @Test
  void meansAndDeviationsCount() {
    double root = Math.sqrt(2);
    double expected = Math.log(2) + 0.4 * 2 / 64 * 10;
    double found = new StreamFitness(source(), 0.4).of(batch(3 - root, 3 + root));
    assertEquals(expected, found, 1e-12);
    assertEquals(Math.log(2), new StreamFitness(source(), 0).of(batch(1, 5)), 1e-12);
  }
}
