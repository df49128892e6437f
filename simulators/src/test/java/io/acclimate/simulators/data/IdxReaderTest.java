package io.acclimate.simulators.data;

import static io.acclimate.simulators.data.Refused.assertRefused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IdxReaderTest {
  private static final int IMAGES = 0x803;
  private static final int LABELS = 0x801;

  @TempDir Path folder;
  private Path images;
  private Path labels;

  @BeforeEach
  void writeGoodFiles() throws IOException {
    images = folder.resolve("images");
    labels = folder.resolve("labels");
    write(images, idx(12, IMAGES, 2, 2, 3));
    write(labels, idx(2, LABELS, 2));
  }

  @Test
  void readsImagesAndLabels() {
    ImageDataset data = IdxReader.read(images, labels, List.of("shirt", "shoe", "bag"));
    assertArrayEquals(new int[] {1, 2, 3}, data.sampleShape());
    assertArrayEquals(new int[] {0, 1}, data.labels().toArray());
    assertEquals(3, data.classes());
    assertEquals("bag", data.classNames().get(2));
    assertEquals(images.toString(), data.source());
    byte[] pixels = new byte[6];
    data.copyPixels(1, pixels, 0);
    assertArrayEquals(new byte[] {6, 7, 8, 9, 10, 11}, pixels);
  }

  @Test
  void gzipIsToldByItsContent() throws IOException {
    write(images, gzip(Files.readAllBytes(images)));
    assertEquals(2, IdxReader.read(images, labels, List.of()).size());
  }

  @Test
  void refusesFilesThatAreNotThere() throws IOException {
    Path none = folder.resolve("none");
    assertRefused(() -> read(none, labels), none, "expected a file, found nothing there");
    assertRefused(() -> read(images, none), none, "expected a file, found nothing there");
    assertRefused(() -> read(folder, labels), folder, "found a folder");
  }

  @Test
  void refusesDamagedFiles() throws IOException {
    assertRefused(
        () -> read(labels, labels), labels, "offset 0: expected the IDX magic 0x00000803");
    assertRefused(() -> read(images, images), images, "0x00000801, found 0x00000803");
    byte[] good = Files.readAllBytes(images);
    for (int length : new int[] {0, 3, 4, 15}) {
      write(images, Arrays.copyOf(good, length));
      assertRefused(() -> read(images, labels), images, "too early (truncated)");
    }
    write(images, Arrays.copyOf(good, good.length - 1));
    assertRefused(
        () -> read(images, labels), images, "expected 12 bytes of data after the header, found 11");
    write(images, Arrays.copyOf(good, good.length + 1));
    assertRefused(
        () -> read(images, labels),
        images,
        "expected 12 bytes of data after the header, found more");
  }

  @Test
  void refusesDamagedGzip() throws IOException {
    byte[] packed = gzip(Files.readAllBytes(images));
    write(images, Arrays.copyOf(packed, packed.length - 9));
    assertRefused(() -> read(images, labels), images, "too early (truncated)");
    packed[packed.length - 6] ^= 1;
    write(images, packed);
    assertRefused(() -> read(images, labels), images, "ZipException");
  }

  @Test
  void refusesHeadersThatAskForTooMuch() throws IOException {
    write(images, idx(0, IMAGES, 3_000_000, 28, 28));
    assertRefused(
        () -> read(images, labels), images, "offset 12: expected dimensions of at most 2 GiB");
    write(images, idx(0, IMAGES, -1, 28, 28));
    assertRefused(() -> read(images, labels), images, "offset 4: expected dimensions");
    write(images, idx(5, IMAGES, 2_000_000, 28, 28));
    assertRefused(() -> read(images, labels), images, "expected 1568000000 bytes of data");
    write(images, idx(0, IMAGES, 2, 0, 28));
    assertRefused(() -> read(images, labels), images, "found 0 x 28 x 1");
  }

  @Test
  void refusesLabelsThatDoNotFit() throws IOException {
    write(labels, idx(3, LABELS, 3));
    assertRefused(() -> read(images, labels), labels, "expected 2 labels as " + images);
    write(labels, idx(2, LABELS, 2));
    assertRefused(
        () -> IdxReader.read(images, labels, List.of("only")),
        labels,
        "sample 1: expected a label from 0 to 0, found 1");
    write(images, idx(0, IMAGES, 0, 28, 28));
    write(labels, idx(0, LABELS, 0));
    assertRefused(() -> read(images, labels), labels, "at least one sample");
  }

  private static ImageDataset read(Path images, Path labels) {
    return IdxReader.read(images, labels, List.of());
  }

  /** Big-endian header, then the bytes 0, 1, 2... */
  private static byte[] idx(int dataBytes, int... header) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * header.length + dataBytes);
    Arrays.stream(header).forEach(bytes::putInt);
    for (int i = 0; i < dataBytes; i++) {
      bytes.put((byte) i);
    }
    return bytes.array();
  }

  private static byte[] gzip(byte[] plain) throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (OutputStream out = new GZIPOutputStream(packed)) {
      out.write(plain);
    }
    return packed.toByteArray();
  }

  private static void write(Path file, byte[] bytes) throws IOException {
    Files.write(file, bytes);
  }
}
