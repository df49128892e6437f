package io.acclimate.simulators.tasks;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.SeedTree;
import io.acclimate.simulators.corruption.Image;
import io.acclimate.simulators.data.Dataset;
import io.acclimate.simulators.data.FeatureDataset;
import io.acclimate.simulators.data.ImageDataset;
import io.acclimate.simulators.data.Labels;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class TaskDomainTest {
  private static final int SIDE = 9;
  private static final SeedTree SEEDS = SeedTree.of(3);

  private static Image image(int channels) {
    byte[] pixels = new byte[SIDE * SIDE * channels];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) (37 * i);
    }
    return Image.of(SIDE, SIDE, channels, pixels);
  }

  @Test
  void aQuarterTurnMovesPixelsCounterClockwise() {
    Image clean = image(3);
    Image turned = new TaskDomain.Rotated(90).apply(clean, SEEDS);
    for (int y = 0; y < SIDE; y++) {
      for (int x = 0; x < SIDE; x++) {
        assertEquals(clean.sample(x, SIDE - 1 - y, 1), turned.sample(y, x, 1), y + ", " + x);
      }
    }
    assertEquals(clean, new TaskDomain.Rotated(0).apply(clean, SEEDS));
    assertEquals(clean, new TaskDomain.Rotated(-360).apply(clean, SEEDS));
  }

  @Test
  void cornersAreBlackAfterAnEighthOfATurn() {
    byte[] white = new byte[SIDE * SIDE];
    Arrays.fill(white, (byte) 255);
    Image turned = new TaskDomain.Rotated(45).apply(Image.of(SIDE, SIDE, 1, white), SEEDS);
    assertEquals(0, turned.sample(0, 0, 0));
    assertEquals(255, turned.sample(SIDE / 2, SIDE / 2, 0));
  }

  @Test
  void permutedPixelsAreAllThereAndStandInTheSameOrderInEachImage() {
    TaskDomain domain = new TaskDomain.Permuted(7);
    byte[] clean = image(1).data();
    byte[] moved = domain.apply(image(1), SEEDS).data();
    assertNotEquals(image(1), domain.apply(image(1), SEEDS));
    assertEquals(domain.apply(image(1), SEEDS.child(1)), domain.apply(image(1), SEEDS.child(2)));
    Arrays.sort(clean);
    Arrays.sort(moved);
    assertArrayEquals(clean, moved);
    assertNotEquals(
        domain.apply(image(1), SEEDS), new TaskDomain.Permuted(8).apply(image(1), SEEDS));
  }

  @Test
  void equalSeedsCorruptEqually() {
    TaskDomain domain = new TaskDomain.Corrupted("gaussian_noise", 3);
    assertEquals(domain.apply(image(1), SEEDS), domain.apply(image(1), SEEDS));
    assertNotEquals(domain.apply(image(1), SEEDS), domain.apply(image(1), SEEDS.child(1)));
  }

  @Test
  void aDatasetKeepsItsLabels() {
    Labels labels = new Labels("labels", new int[] {1, 0}, List.of());
    byte[] pixels = new byte[2 * SIDE * SIDE];
    System.arraycopy(image(1).data(), 0, pixels, SIDE * SIDE, SIDE * SIDE);
    ImageDataset clean = new ImageDataset("images", SIDE, SIDE, 1, pixels, labels);
    Dataset turned = new TaskDomain.Rotated(90).apply(clean, SEEDS);
    assertArrayEquals(labels.toArray(), turned.labels().toArray());
    byte[] found = new byte[SIDE * SIDE];
    turned.copyPixels(1, found, 0);
    assertArrayEquals(new TaskDomain.Rotated(90).apply(image(1), SEEDS).data(), found);
  }

  @Test
  void onlyImagesHaveDomains() {
    Labels labels = new Labels("labels", new int[] {0}, List.of());
    Dataset features = new FeatureDataset("table", new int[] {2}, new float[2], labels);
    AcclimateException refused =
        assertThrows(
            AcclimateException.class, () -> new TaskDomain.Rotated(90).apply(features, SEEDS));
    assertTrue(refused.getMessage().contains("rotate 90: expected images"), refused.getMessage());
  }
}
