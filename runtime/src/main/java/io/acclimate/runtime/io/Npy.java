package io.acclimate.runtime.io;

import io.acclimate.runtime.AcclimateException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Reads and writes NumPy's <a
 * href="https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html">.npy format</a>.
 * Reads versions 1.0, 2.0 and 3.0 in either byte order, C or Fortran order; writes version 1.0,
 * little-endian, C order, as NumPy does. Object, structured and other dtypes than {@link NpyType}'s
 * are refused, and so is more than 2 GiB of data.
 *
 * <p>Stateless, safe for all threads.
 */
public final class Npy {
  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
  private static final int PREAMBLE_BYTES = MAGIC.length + 2;

  /** NumPy refuses longer headers by default, too. */
  private static final int MAX_HEADER_BYTES = 10_000;

  private static final int ALIGNMENT_BYTES = 64;

  private Npy() {}

  /**
   * Reads a whole file.
   *
   * @throws AcclimateException if the file is missing, not in the format, of an unsupported dtype,
   *     or its size is not what its header says; checked before memory for the data is taken
   */
  public static NpyArray read(Path file) {
    long size = InputFiles.requireFile(file);
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
      return read(in, size);
    } catch (IOException e) {
      throw InputFiles.failed(file, e);
    } catch (AcclimateException e) {
      throw new AcclimateException(file + ": " + e.getMessage(), e);
    }
  }

  /**
   * Creates or replaces a file in one step.
   *
   * @throws AcclimateException if it cannot be written; see {@link AtomicFiles#write}
   */
  public static void write(Path file, NpyArray array) {
    String dict = NpyHeader.format(array);
    int unpadded = PREAMBLE_BYTES + Short.BYTES + dict.length() + 1;
    int padding = Math.floorMod(-unpadded, ALIGNMENT_BYTES);
    byte[] header = (dict + " ".repeat(padding) + "\n").getBytes(StandardCharsets.ISO_8859_1);
    if (header.length > MAX_HEADER_BYTES) {
      throw new AcclimateException(
          file
              + ": expected a shape that fits a header, found "
              + array.shape().length
              + " dimensions");
    }
    byte[] length = {(byte) header.length, (byte) (header.length >> Byte.SIZE)};
    AtomicFiles.write(
        file,
        out -> {
          out.write(MAGIC);
          out.write(new byte[] {1, 0});
          out.write(length);
          out.write(header);
          out.write(array.data());
        });
  }

  private static NpyArray read(InputStream in, long fileBytes) throws IOException {
    int major = readVersion(in);
    int lengthBytes = major == 1 ? Short.BYTES : Integer.BYTES;
    long headerBytes = littleEndian(readFully(in, lengthBytes, "header length"));
    long start = PREAMBLE_BYTES + lengthBytes + headerBytes;
    if (headerBytes > MAX_HEADER_BYTES) {
      throw new AcclimateException(
          "expected a header of at most 10000 bytes, found one of " + headerBytes);
    }
    Charset charset = major == 3 ? StandardCharsets.UTF_8 : StandardCharsets.ISO_8859_1;
    String text = new String(readFully(in, (int) headerBytes, "header"), charset);
    NpyHeader header = NpyHeader.parse(text);
    NpyType type = header.type();
    long expected = NpyArray.count(header.shape()) * type.bytes();
    if (fileBytes - start != expected) {
      throw new AcclimateException(
          String.format(
              "expected %d bytes of data for %s%s, found %d",
              expected, type.descr(), Arrays.toString(header.shape()), fileBytes - start));
    }
    if (expected > Integer.MAX_VALUE - Long.BYTES) {
      throw new AcclimateException("expected at most 2 GiB of data, found " + expected + " bytes");
    }
    byte[] data = readFully(in, (int) expected, "data");
    if (header.order() == ByteOrder.BIG_ENDIAN) {
      reverseElements(data, type.bytes());
    }
    byte[] ordered = header.fortranOrder() ? toC(data, header.shape(), type.bytes()) : data;
    return new NpyArray(type, header.shape(), ordered);
  }

  private static int readVersion(InputStream in) throws IOException {
    byte[] preamble = readFully(in, PREAMBLE_BYTES, "magic and version");
    if (!Arrays.equals(preamble, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
      throw new AcclimateException(
          "expected the magic bytes \\x93NUMPY, found "
              + Arrays.toString(Arrays.copyOf(preamble, MAGIC.length)));
    }
    int major = preamble[MAGIC.length];
    int minor = preamble[MAGIC.length + 1];
    if (major < 1 || major > 3 || minor != 0) {
      throw new AcclimateException(
          "expected format version 1.0, 2.0 or 3.0, found " + major + "." + minor);
    }
    return major;
  }

  private static byte[] readFully(InputStream in, int count, String part) throws IOException {
    byte[] bytes = in.readNBytes(count);
    if (bytes.length < count) {
      throw new AcclimateException(
          String.format(
              "expected %d bytes of %s, found %d (truncated)", count, part, bytes.length));
    }
    return bytes;
  }

  private static long littleEndian(byte[] bytes) {
    byte[] padded = Arrays.copyOf(bytes, Long.BYTES);
    return ByteBuffer.wrap(padded).order(ByteOrder.LITTLE_ENDIAN).getLong();
  }

  private static void reverseElements(byte[] data, int elementBytes) {
    for (int start = 0; start < data.length; start += elementBytes) {
      for (int i = start, j = start + elementBytes - 1; i < j; i++, j--) {
        byte kept = data[i];
        data[i] = data[j];
        data[j] = kept;
      }
    }
  }

  /** Moves elements stored first dimension fastest to last dimension fastest. */
  private static byte[] toC(byte[] data, int[] shape, int elementBytes) {
    byte[] result = new byte[data.length];
    int[] index = new int[shape.length];
    for (int from = 0; from < data.length; from += elementBytes) {
      int to = 0;
      for (int d = 0; d < shape.length; d++) {
        to = to * shape[d] + index[d];
      }
      System.arraycopy(data, from, result, to * elementBytes, elementBytes);
      for (int d = 0; d < shape.length && ++index[d] == shape[d]; d++) {
        index[d] = 0;
      }
    }
    return result;
  }
}
