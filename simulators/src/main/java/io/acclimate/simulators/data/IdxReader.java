package io.acclimate.simulators.data;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.io.InputFiles;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPInputStream;

/**
 * Reads images and labels in the IDX format of MNIST and <a
 * href="https://github.com/zalandoresearch/fashion-mnist">Fashion-MNIST</a>, plain or compressed
 * with gzip, which is told by the content and not by the name. Stateless, safe for all threads.
 */
public final class IdxReader {
  /** Unsigned bytes in three dimensions: images, height, width. */
  private static final int IMAGES_MAGIC = 0x00000803;

  /** Unsigned bytes in one dimension. */
  private static final int LABELS_MAGIC = 0x00000801;

  private static final int BUFFER_BYTES = 1 << 16;

  private IdxReader() {}

  /**
   * Reads a dataset of grey images.
   *
   * @param images a file of unsigned bytes with dimensions [images, height, width]
   * @param labels a file of unsigned bytes with dimension [images]
   * @param classNames the name of every class; empty for {@code "0"} up to the highest label
   * @throws AcclimateException if a file is missing, damaged, shorter or longer than its header
   *     says, or the two do not fit together
   */
  public static ImageDataset read(Path images, Path labels, List<String> classNames) {
    Idx pixels = read(images, IMAGES_MAGIC);
    Idx values = read(labels, LABELS_MAGIC);
    int[] classes = new int[values.data().length];
    for (int i = 0; i < classes.length; i++) {
      classes[i] = values.data()[i] & 0xFF;
    }
    int[] shape = pixels.shape();
    if (shape[0] != classes.length) {
      throw new AcclimateException(
          String.format(
              "%s: expected %d labels as %s has images, found %d",
              labels, shape[0], images, classes.length));
    }
    Labels checked = new Labels(labels.toString(), classes, classNames);
    return new ImageDataset(images.toString(), shape[1], shape[2], 1, pixels.data(), checked);
  }

  private static Idx read(Path file, int magic) {
    InputFiles.requireFile(file);
    try (DataInputStream in = new DataInputStream(open(file))) {
      int found = in.readInt();
      if (found != magic) {
        throw new AcclimateException(
            String.format(
                "%s: offset 0: expected the IDX magic 0x%08x, found 0x%08x", file, magic, found));
      }
      int[] shape = new int[magic & 0xFF];
      long expected = 1;
      for (int d = 0; d < shape.length; d++) {
        shape[d] = in.readInt();
        expected *= shape[d];
        // The largest array a JVM is sure to give.
        if (shape[d] < 0 || expected > Integer.MAX_VALUE - Long.BYTES) {
          throw new AcclimateException(
              String.format(
                  "%s: offset %d: expected dimensions of at most 2 GiB, found dimension %d",
                  file, Integer.BYTES * (d + 1), Integer.toUnsignedLong(shape[d])));
        }
      }
      return new Idx(shape, readData(file, in, (int) expected));
    } catch (IOException e) {
      throw InputFiles.failed(file, e);
    }
  }

  /** Takes memory as the data come, so that a false header cannot ask for it. */
  private static byte[] readData(Path file, InputStream in, int expected) throws IOException {
    byte[] data = in.readNBytes(expected);
    boolean longer = data.length == expected && in.read() >= 0;
    if (data.length < expected || longer) {
      throw new AcclimateException(
          String.format(
              "%s: expected %d bytes of data after the header, found %s",
              file, expected, longer ? "more" : data.length + " (truncated)"));
    }
    return data;
  }

  private static InputStream open(Path file) throws IOException {
    InputStream in = new BufferedInputStream(Files.newInputStream(file), BUFFER_BYTES);
    in.mark(2);
    int start = in.read() | in.read() << Byte.SIZE;
    in.reset();
    return start == GZIPInputStream.GZIP_MAGIC ? new GZIPInputStream(in, BUFFER_BYTES) : in;
  }

  private record Idx(int[] shape, byte[] data) {}
}
