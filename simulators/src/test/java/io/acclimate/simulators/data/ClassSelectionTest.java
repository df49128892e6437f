package io.acclimate.simulators.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class ClassSelectionTest {
  private static final ImageDataset IMAGES =
      new ImageDataset(
          "images",
          1,
          2,
          1,
          new byte[] {0, 1, 2, 3, 4, 5, 6, 7},
          new Labels("labels", new int[] {2, 0, 1, 2}, List.of("a", "b", "c")));

  @Test
  void someClassesAreNumberedInTheOrderGiven() {
    Dataset chosen = ClassSelection.of(IMAGES, List.of("c", "a"));
    assertArrayEquals(new int[] {0, 1, 0}, chosen.labels().toArray());
    assertEquals(List.of("c", "a"), chosen.classNames());
    assertArrayEquals(IMAGES.sampleShape(), chosen.sampleShape());
    byte[] pixels = new byte[2];
    chosen.copyPixels(2, pixels, 0);
    assertArrayEquals(new byte[] {6, 7}, pixels);
    float[] sample = new float[2];
    chosen.copySample(1, sample, 0);
    assertArrayEquals(new float[] {2 / 255f, 3 / 255f}, sample);
  }

  @Test
  void textsAreChosenToo() {
    TextDataset texts =
        new TextDataset(
            "texts",
            List.of("one", "two", "three"),
            new Labels("texts", new int[] {1, 0, 1}, List.of("even", "odd")));
    TextDataset odd = ClassSelection.of(texts, List.of("odd"));
    assertEquals(List.of("one", "three"), odd.texts());
    assertArrayEquals(new int[] {0, 0}, odd.labels().toArray());
  }

  @Test
  void noChoiceIsAllOfThem() {
    assertSame(IMAGES, ClassSelection.of(IMAGES, List.of()));
  }

  @Test
  void anUnknownClassIsNamed() {
    Refused.assertRefused(
        () -> ClassSelection.of(IMAGES, List.of("a", "dress")),
        Path.of("images"),
        "unknown class 'dress'");
  }
}
