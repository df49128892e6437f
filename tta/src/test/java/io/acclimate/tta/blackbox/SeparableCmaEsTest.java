package io.acclimate.tta.blackbox;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.state.State;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class SeparableCmaEsTest {
  private static SeparableCmaEs search(double step) {
    return new SeparableCmaEs(8, 12, step, SeedTree.of(9));
  }

  /** An ellipsoid with axes a thousand times apart, its minimum at 1. */
  private static double ellipsoid(double[] x) {
    double sum = 0;
    for (int i = 0; i < x.length; i++) {
      sum += Math.pow(1000, i / (x.length - 1.0)) * (x[i] - 1) * (x[i] - 1);
    }
    return sum;
  }

  private static void generation(SeparableCmaEs search) {
    search.update(Arrays.stream(search.sample()).mapToDouble(x -> ellipsoid(x)).toArray());
  }

  @Test
  void findsTheMinimumOfAnEllipsoid() {
    SeparableCmaEs search = search(0.5);
    for (int i = 0; i < 400; i++) {
      generation(search);
    }
    assertTrue(ellipsoid(search.mean()) < 1e-12, Arrays.toString(search.mean()));
  }

  @Test
  void goesOnFromASaveAndResetEqualsNew() {
    SeparableCmaEs whole = search(0.5);
    SeparableCmaEs resumed = search(0.5);
    for (int i = 0; i < 20; i++) {
      SeparableCmaEs next = search(0.5);
      State.of(resumed).restore(next);
      resumed = next;
      generation(whole);
      generation(resumed);
      assertEquals(State.of(whole).sha256(), State.of(resumed).sha256());
    }
    whole.reset();
    assertEquals(State.of(search(0.5)).sha256(), State.of(whole).sha256());
  }

  @Test
  void withoutAStepNothingMoves() {
    SeparableCmaEs search = search(0);
    generation(search);
    generation(search);
    assertArrayEquals(new double[8], search.mean(), 0.0);
  }

  @Test
  void badNumbersAreRefusedAndChangeNothing() {
    SeedTree seeds = SeedTree.of(9);
    assertThrows(AcclimateException.class, () -> new SeparableCmaEs(8, 3, 1, seeds));
    SeparableCmaEs search = search(0.5);
    String before = State.of(search).sha256();
    search.sample();
    double[] values = new double[12];
    values[3] = Double.NaN;
    assertThrows(AcclimateException.class, () -> search.update(values));
    assertThrows(AcclimateException.class, () -> search.update(new double[11]));
    assertEquals(before, State.of(search).sha256());
  }
}
