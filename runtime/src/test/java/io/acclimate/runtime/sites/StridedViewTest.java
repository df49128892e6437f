package io.acclimate.runtime.sites;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.Test;

class StridedViewTest {
  /** [tokens, 3 x heads x size], cut into queries, keys and values with heads in front. */
  private static StridedView part(int index) {
    return StridedView.of(5, 24)
        .reshape(1, 5, 3, 2, 4)
        .orElseThrow()
        .transpose(new long[] {2, 0, 3, 1, 4})
        .select(0, index);
  }

  @Test
  void partsAreRangesOfColumns() {
    for (int i = 0; i < 3; i++) {
      assertArrayEquals(new long[] {8L * i, 8}, part(i).columns(24).orElseThrow());
    }
  }

  @Test
  void headsThatAlternateAreNoRange() {
    StridedView alternating = StridedView.of(5, 24).reshape(5, 2, 3, 4).orElseThrow().select(2, 1);
    assertEquals(Optional.empty(), alternating.columns(24));
    StridedView oneHead = alternating.slice(1, 1, 1);
    assertArrayEquals(new long[] {16, 4}, oneHead.columns(24).orElseThrow());
  }

  @Test
  void reshapesOnlyWhereStridesAllow() {
    StridedView turned = StridedView.of(2, 3).transpose(new long[] {1, 0});
    assertEquals(Optional.empty(), turned.reshape(6));
    assertEquals(turned.strides(), turned.reshape(3, 1, 2).orElseThrow().select(1, 0).strides());
    assertTrue(part(0).reshape(2, 5, 4).isPresent());
    assertEquals(Optional.empty(), part(0).reshape(2, 20));
    assertEquals(StridedView.of(4, 6), StridedView.of(24).reshape(4, 6).orElseThrow());
  }
}
