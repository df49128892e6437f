package io.acclimate.tta.gradient;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.acclimate.runtime.DType;
import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.Tensor;
import org.apache.commons.rng.UniformRandomProvider;
import org.junit.jupiter.api.Test;

/** Changed copies stay within the values of their image and depend on the generator alone. */
class StrongAugmentationTest {
  private static Tensor images() {
    UniformRandomProvider random = SeedTree.of(1).generator();
    Tensor images = Tensor.allocate(DType.FLOAT32, 5, 3, 12, 10);
    for (int i = 0; i < images.elements(); i++) {
      images.floats().put(i, 7 * random.nextFloat() - 2);
    }
    return images;
  }

  @Test
  void valuesStayInRangeAndMove() {
    Tensor images = images();
    Tensor before = images.copy();
    Tensor changed = new StrongAugmentation().apply(images, SeedTree.of(2).generator());
    assertTrue(images.contentEquals(before));
    assertFalse(changed.contentEquals(images));
    int size = 3 * 12 * 10;
    for (int i = 0; i < 5; i++) {
      float low = Float.MAX_VALUE;
      float high = -Float.MAX_VALUE;
      for (int k = i * size; k < (i + 1) * size; k++) {
        low = Math.min(low, images.floats().get(k));
        high = Math.max(high, images.floats().get(k));
      }
      for (int k = i * size; k < (i + 1) * size; k++) {
        float value = changed.floats().get(k);
        assertTrue(value >= low - 1e-4 && value <= high + 1e-4, "value " + value);
      }
    }
  }

  @Test
  void equalGeneratorsGiveEqualImages() {
    StrongAugmentation used = new StrongAugmentation();
    used.apply(images(), SeedTree.of(3).generator());
    Tensor one = used.apply(images(), SeedTree.of(2).generator());
    Tensor two = new StrongAugmentation().apply(images(), SeedTree.of(2).generator());
    assertTrue(one.contentEquals(two));
  }

  @Test
  void otherInputsComeBackUnchanged() {
    Tensor rows = Tensor.ofFloats(new float[] {1, 2, 3, 4, 5, 6}, 2, 3);
    assertTrue(
        new StrongAugmentation().apply(rows, SeedTree.of(2).generator()).contentEquals(rows));
  }
}
