package io.acclimate.continual;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.state.State;
import org.junit.jupiter.api.Test;

class ClassBlocksTest {
  @Test
  void newClassesMakeABlock() {
    ClassBlocks blocks = new ClassBlocks();
    assertTrue(blocks.extendTo(2));
    assertFalse(blocks.extendTo(2), "no new class");
    assertTrue(blocks.extendTo(5));
    assertEquals(2, blocks.count());
    assertEquals(2, blocks.start(1));
    assertEquals(3, blocks.size(1));
    int[] expected = {0, 0, 1, 1, 1};
    for (int label = 0; label < expected.length; label++) {
      assertEquals(expected[label], blocks.of(label));
    }
    ClassBlocks loaded = new ClassBlocks();
    State.of(blocks).restore(loaded);
    assertEquals(State.of(blocks), State.of(loaded));
  }

  @Test
  void classesThatWereNotSeenHaveNone() {
    ClassBlocks blocks = new ClassBlocks();
    blocks.extendTo(2);
    for (int label : new int[] {-1, 2}) {
      AcclimateException refused = assertThrows(AcclimateException.class, () -> blocks.of(label));
      assertTrue(refused.getMessage().contains("found " + label), refused.getMessage());
    }
  }
}
