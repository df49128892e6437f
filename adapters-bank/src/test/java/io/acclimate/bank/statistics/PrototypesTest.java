package io.acclimate.bank.statistics;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.state.State;
import java.util.Arrays;
import org.apache.commons.rng.UniformRandomProvider;
import org.junit.jupiter.api.Test;

class PrototypesTest {
  @Test
  void nearestIsTheGreatestCosineWhateverTheLengths() {
    UniformRandomProvider random = SeedTree.of(1).generator();
    int d = 7;
    double[][] vectors = new double[50][d];
    Prototypes prototypes = new Prototypes(d);
    for (int k = 0; k < vectors.length; k++) {
      double length = 1 + 10 * random.nextDouble();
      Arrays.setAll(vectors[k], i -> length * (random.nextDouble() - 0.5));
      prototypes.set(k, vectors[k]);
    }
    double[] query = new double[d];
    Arrays.setAll(query, i -> random.nextDouble() - 0.5);
    double[] cosines = new double[50];
    prototypes.cosines(query, cosines);
    int best = 0;
    for (int k = 0; k < 50; k++) {
      assertEquals(cosine(query, vectors[k]), cosines[k], 1e-12);
      best = cosines[k] > cosines[best] ? k : best;
    }
    assertEquals(best, prototypes.nearest(query));
  }

  private static double cosine(double[] a, double[] b) {
    double product = 0;
    double first = 0;
    double second = 0;
    for (int i = 0; i < a.length; i++) {
      product += a[i] * b[i];
      first += a[i] * a[i];
      second += b[i] * b[i];
    }
    return product / Math.sqrt(first * second);
  }

  @Test
  void prototypesAreReplacedSavedAndRestored() {
    Prototypes prototypes = new Prototypes(2);
    assertThrows(AcclimateException.class, () -> prototypes.nearest(new double[] {1, 0}));
    prototypes.set(0, new double[] {1, 0});
    prototypes.set(1, new double[] {0, 5});
    prototypes.set(0, new double[] {0, 0});
    double[] cosines = new double[2];
    prototypes.cosines(new double[] {3, 4}, cosines);
    assertArrayEquals(new double[] {0, 0.8}, cosines, 1e-15);
    Prototypes restored = new Prototypes(2);
    State.of(prototypes).restore(restored);
    assertEquals(State.of(prototypes), State.of(restored));
    assertEquals(1, restored.nearest(new double[] {0, 1}));
    restored.set(2, new double[] {-1, 0});
    assertEquals(2, restored.nearest(new double[] {-2, 0}));
  }

  @Test
  void badPrototypesAreRefused() {
    Prototypes prototypes = new Prototypes(2);
    assertThrows(AcclimateException.class, () -> prototypes.set(1, new double[2]));
    assertThrows(AcclimateException.class, () -> prototypes.set(0, new double[3]));
    assertThrows(AcclimateException.class, () -> prototypes.set(0, new double[] {Double.NaN, 1}));
    assertEquals(0, prototypes.size());
  }
}
