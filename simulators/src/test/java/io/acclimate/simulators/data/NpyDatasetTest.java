package io.acclimate.simulators.data;

import static io.acclimate.simulators.data.Refused.assertRefused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.io.Npy;
import io.acclimate.runtime.io.NpyArray;
import io.acclimate.runtime.io.NpyType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NpyDatasetTest {
  @TempDir Path folder;
  private Path samples;
  private Path labels;

  @BeforeEach
  void writeLabels() {
    samples = folder.resolve("samples.npy");
    labels = folder.resolve("labels.npy");
    Npy.write(labels, NpyArray.of(new long[] {1, 0}, 2));
  }

  @Test
  void floatsAreFeaturesOfAnyShape() {
    Npy.write(samples, NpyArray.of(new double[] {0, 1, 2, 3, 4, 5, 6, 7.5}, 2, 2, 2, 1));
    Dataset data = read();
    assertFalse(data.isImage());
    assertArrayEquals(new int[] {2, 2, 1}, data.sampleShape());
    assertArrayEquals(new int[] {1, 0}, data.labels().toArray());
    float[] target = new float[4];
    data.copySample(1, target, 0);
    assertArrayEquals(new float[] {4, 5, 6, 7.5f}, target);
    assertThrows(IndexOutOfBoundsException.class, () -> data.copySample(2, target, 0));
    assertThrows(IndexOutOfBoundsException.class, () -> data.copySample(1, target, 1));
  }

  @Test
  void bytesInTwoDimensionsAreFeatures() {
    Npy.write(samples, bytes(2, 2));
    Dataset data = read();
    assertFalse(data.isImage());
    float[] target = new float[2];
    data.copySample(1, target, 0);
    assertArrayEquals(new float[] {2, 3}, target);
  }

  @Test
  void bothLayoutsOfImages() {
    Npy.write(samples, bytes(2, 2, 2, 3));
    Dataset last = read();
    assertTrue(last.isImage());
    assertArrayEquals(new int[] {3, 2, 2}, last.sampleShape());
    assertImage(last, 1, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23);
    Npy.write(samples, bytes(2, 3, 2, 2));
    Dataset first = NpyDataset.read(samples, labels, ImageLayout.NCHW, List.of());
    assertArrayEquals(new int[] {3, 2, 2}, first.sampleShape());
    assertImage(first, 1, 12, 16, 20, 13, 17, 21, 14, 18, 22, 15, 19, 23);
  }

  @Test
  void refusesSamplesOfOtherKinds() {
    Npy.write(samples, NpyArray.of(new int[2], 2, 1));
    assertRefused(this::read, samples, "expected dtype <f4, <f8 or |u1, found <i4");
    Npy.write(samples, NpyArray.of(new float[2], 2));
    assertRefused(this::read, samples, "expected shape [samples, ...] without a 0, found [2]");
    Npy.write(samples, NpyArray.of(new float[0], 0, 3));
    assertRefused(this::read, samples, "without a 0, found [0, 3]");
    Npy.write(samples, NpyArray.of(new float[] {1, 2, Float.NaN, 4}, 2, 2));
    assertRefused(this::read, samples, "sample 1, value 0: expected a finite 32-bit float");
    Npy.write(samples, NpyArray.of(new double[] {1, 1e300}, 2, 1));
    assertRefused(this::read, samples, "sample 1, value 0: expected a finite 32-bit float");
  }

  @Test
  void refusesLabelsThatDoNotFit() {
    Npy.write(samples, NpyArray.of(new float[] {1, 2, 3}, 3, 1));
    assertRefused(this::read, labels, "integer labels of shape [3], one for each sample, found");
    Npy.write(labels, NpyArray.of(new float[3], 3));
    assertRefused(this::read, labels, "found <f4[3]");
    Npy.write(labels, NpyArray.of(new int[3], 3, 1));
    assertRefused(this::read, labels, "found <i4[3, 1]");
    Npy.write(labels, NpyArray.of(new int[] {0, 1, -1}, 3));
    assertRefused(this::read, labels, "sample 2: expected a label from 0 to 99999, found -1");
    Npy.write(labels, NpyArray.of(new long[] {0, 1L << 40, 1}, 3));
    assertRefused(this::read, labels, "element 1: expected a 32-bit integer");
    Npy.write(labels, NpyArray.of(new int[] {0, 1, 2}, 3));
    assertRefused(
        () -> NpyDataset.read(samples, labels, ImageLayout.NHWC, List.of("a", "b")),
        labels,
        "sample 2: expected a label from 0 to 1, found 2");
  }

  @Test
  void refusesDamagedFiles() throws Exception {
    assertRefused(this::read, samples, "found nothing there");
    Files.write(samples, new byte[0]);
    assertRefused(this::read, samples, "(truncated)");
    Npy.write(samples, NpyArray.of(new float[] {1, 2}, 2, 1));
    Files.delete(labels);
    assertRefused(this::read, labels, "found nothing there");
  }

  @Test
  void datasetsRefusePartsThatDoNotFit() {
    Labels two = new Labels("here", new int[2], List.of());
    assertThrows(
        AcclimateException.class, () -> new ImageDataset("here", 1, 1, 3, new byte[5], two));
    assertThrows(
        AcclimateException.class, () -> new ImageDataset("here", 1, 1, 3, new byte[9], two));
    assertThrows(
        AcclimateException.class, () -> new ImageDataset("here", 0, 1, 3, new byte[0], two));
    assertThrows(
        AcclimateException.class,
        () -> new FeatureDataset("here", new int[] {2}, new float[3], two));
    assertThrows(
        AcclimateException.class,
        () -> new FeatureDataset("here", new int[] {0}, new float[0], two));
    assertThrows(AcclimateException.class, () -> new TextDataset("here", List.of("one"), two));
  }

  private Dataset read() {
    return NpyDataset.read(samples, labels, ImageLayout.NHWC, List.of());
  }

  /** Bytes 0, 1, 2... in this shape. */
  private static NpyArray bytes(int... shape) {
    int count = 1;
    for (int dimension : shape) {
      count *= dimension;
    }
    byte[] data = new byte[count];
    for (int i = 0; i < count; i++) {
      data[i] = (byte) i;
    }
    return new NpyArray(NpyType.U1, shape, data);
  }

  /** Checks the pixels, channels last, and the sample, channels first. */
  private static void assertImage(Dataset data, int index, int... pixels) {
    byte[] found = new byte[pixels.length];
    float[] sample = new float[pixels.length];
    data.copyPixels(index, found, 0);
    data.copySample(index, sample, 0);
    for (int i = 0; i < pixels.length; i++) {
      assertEquals(pixels[i], found[i]);
      assertEquals(pixels[i] / 255f, sample[i % 3 * 4 + i / 3]);
    }
  }
}
