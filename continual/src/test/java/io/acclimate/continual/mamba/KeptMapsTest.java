package io.acclimate.continual.mamba;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.state.State;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class KeptMapsTest {
  private static final int OFFERS = 20;
  private static final SeedTree SEEDS = SeedTree.of(2);

  /** Maps of two classes, each of one number: the class's first sample is 0 or 100. */
  private static KeptMaps kept(int capacity) {
    KeptMaps kept = new KeptMaps(capacity, SEEDS);
    for (int i = 0; i < OFFERS; i++) {
      kept.offer(new double[] {i}, 0);
      kept.offer(new double[] {100 + i}, 1);
    }
    return kept;
  }

  @Test
  void drawsAreSamplesOfTheClass() {
    KeptMaps kept = kept(6);
    assertEquals(6 * (40 + Float.BYTES), kept.bytes());
    for (int step = 0; step < 50; step++) {
      KeptMaps.Draw draw = kept.draw(SEEDS.child(step));
      for (int label = 0; label < 2; label++) {
        double found = draw.of(label).orElseThrow()[0];
        assertTrue(found >= 100 * label && found < 100 * label + OFFERS, "" + found);
      }
      assertEquals(Optional.empty(), draw.of(2));
    }
  }

  @Test
  void withoutRoomNothingIsKept() {
    KeptMaps kept = kept(0);
    assertEquals(0, kept.bytes());
    assertEquals(Optional.empty(), kept.draw(SEEDS).of(0));
  }

  @Test
  void aLoadedStateDrawsTheSame() {
    KeptMaps kept = kept(6);
    KeptMaps loaded = new KeptMaps(6, SEEDS);
    State.of(kept).restore(loaded);
    assertEquals(State.of(kept), State.of(loaded));
    for (int step = 0; step < 10; step++) {
      SeedTree seeds = SEEDS.child(step);
      assertArrayEquals(
          kept.draw(seeds).of(1).orElseThrow(), loaded.draw(seeds).of(1).orElseThrow());
    }
  }
}
