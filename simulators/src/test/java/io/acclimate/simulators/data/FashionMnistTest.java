package io.acclimate.simulators.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FashionMnistTest {
  private static final Path FOLDER = Path.of("..", "examples", "data", "fashion-mnist");
  private static final Path IMAGES = FOLDER.resolve("t10k-images-idx3-ubyte.gz");
  private static final Path LABELS = FOLDER.resolve("t10k-labels-idx1-ubyte.gz");

  @TempDir Path folder;

  @Test
  void readsTheTestSet() {
    ImageDataset data = IdxReader.read(IMAGES, LABELS, List.of());
    assertEquals(10_000, data.size());
    assertArrayEquals(new int[] {1, 28, 28}, data.sampleShape());
    assertTrue(data.isImage());
    assertEquals(10, data.classes());
    assertEquals(List.of("0", "1", "2", "3", "4", "5", "6", "7", "8", "9"), data.classNames());
    assertArrayEquals(new int[] {9, 2, 1, 1, 6}, Arrays.copyOf(data.labels().toArray(), 5));
    int[] counts = new int[10];
    for (int i = 0; i < data.size(); i++) {
      counts[data.label(i)]++;
    }
    assertTrue(Arrays.stream(counts).allMatch(count -> count == 1000), Arrays.toString(counts));
  }

  @Test
  void plainFilesAreTheSame() throws IOException {
    Path images = unpack(IMAGES);
    ImageDataset packed = IdxReader.read(IMAGES, LABELS, List.of());
    ImageDataset plain = IdxReader.read(images, unpack(LABELS), List.of());
    assertArrayEquals(packed.labels().toArray(), plain.labels().toArray());
    byte[] file = Files.readAllBytes(images);
    byte[] ofPacked = new byte[784];
    byte[] ofPlain = new byte[784];
    for (int i = 0; i < plain.size(); i++) {
      packed.copyPixels(i, ofPacked, 0);
      plain.copyPixels(i, ofPlain, 0);
      assertArrayEquals(ofPacked, ofPlain);
      assertTrue(Arrays.equals(ofPlain, 0, 784, file, 16 + 784 * i, 16 + 784 * (i + 1)));
    }
  }

  @Test
  void samplesAreThePixelsScaled() {
    ImageDataset data = IdxReader.read(IMAGES, LABELS, List.of());
    byte[] pixels = new byte[784 + 3];
    float[] sample = new float[784 + 5];
    data.copyPixels(9999, pixels, 3);
    data.copySample(9999, sample, 5);
    boolean ink = false;
    for (int i = 0; i < 784; i++) {
      assertEquals((pixels[i + 3] & 0xFF) / 255f, sample[i + 5]);
      ink |= sample[i + 5] > 0.5f;
    }
    assertTrue(ink);
    assertFalse(sample[4] > 0);
  }

  /** Under a name that does not tell. */
  private Path unpack(Path packed) throws IOException {
    Path plain = folder.resolve(packed.getFileName());
    try (InputStream in = new GZIPInputStream(Files.newInputStream(packed))) {
      Files.copy(in, plain);
    }
    return plain;
  }
}
