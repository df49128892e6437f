package io.acclimate.runtime.io;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Reads and writes the <a href="https://github.com/huggingface/safetensors">safetensors format</a>:
 * named tensors and texts in one file that can be checked before it is read and read one tensor at
 * a time.
 *
 * <p>The header keeps the order of the map that is written, and equal maps give equal bytes. What
 * is read must follow the format to the letter: no duplicate names, no holes, no overlaps, nothing
 * after the data. Element types that a {@link Tensor} cannot hold are refused.
 *
 * <p>Stateless, safe for all threads.
 */
public final class Safetensors {
  private Safetensors() {}

  /**
   * What a file holds.
   *
   * @param tensors the tensors by name, in the file's order
   * @param metadata the texts, in the file's order
   */
  public record Contents(Map<String, Tensor> tensors, Map<String, String> metadata) {
    /** Copies the maps, not the tensors. */
    public Contents {
      tensors = Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
      metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
    }
  }

  /**
   * Opens a file for reading one tensor at a time; only its header is read.
   *
   * @throws AcclimateException if the file is missing, truncated or not in the format
   */
  public static SafetensorsFile open(Path file) {
    return SafetensorsFile.open(file);
  }

  /**
   * Reads a whole file.
   *
   * @throws AcclimateException if the file is missing, truncated or not in the format
   */
  public static Contents read(Path file) {
    try (SafetensorsFile open = open(file)) {
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      open.names().forEach(name -> tensors.put(name, open.read(name)));
      return new Contents(tensors, open.metadata());
    }
  }

  /**
   * Reads a file's bytes from memory.
   *
   * @throws AcclimateException if they are truncated or not in the format
   */
  public static Contents read(byte[] bytes) {
    if (bytes.length < SafetensorsHeader.LENGTH_BYTES) {
      throw new AcclimateException(
          "expected a header length of 8 bytes, found %d bytes (truncated)"
              .formatted(bytes.length));
    }
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int length = SafetensorsHeader.checkLength(buffer.getLong(), bytes.length);
    byte[] json = Arrays.copyOfRange(bytes, buffer.position(), buffer.position() + length);
    SafetensorsHeader header = SafetensorsHeader.parse(json, bytes.length);
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (SafetensorsHeader.Entry entry : header.entries().values()) {
      Tensor tensor = Tensor.allocate(entry.type(), entry.shape());
      int start = Math.toIntExact(header.dataStart() + entry.begin());
      tensor.bytes().put(bytes, start, tensor.bytes().capacity());
      tensors.put(entry.name(), tensor);
    }
    return new Contents(tensors, header.metadata());
  }

  /**
   * Creates or replaces a file in one step.
   *
   * @throws AcclimateException if it cannot be written; see {@link AtomicFiles#write}
   */
  public static void write(Path file, Map<String, Tensor> tensors, Map<String, String> metadata) {
    AtomicFiles.write(file, out -> write(out, tensors, metadata));
  }

  /** Writes a file's bytes to a stream, which stays open. */
  public static void write(
      OutputStream out, Map<String, Tensor> tensors, Map<String, String> metadata)
      throws IOException {
    out.write(SafetensorsHeader.of(tensors, metadata).toBytes());
    WritableByteChannel channel = Channels.newChannel(out);
    for (Map.Entry<String, Tensor> tensor : SafetensorsHeader.dataOrder(tensors)) {
      ByteBuffer bytes = tensor.getValue().bytes();
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    }
  }

  /** A file's bytes in memory; at most 2 GiB. */
  public static byte[] toBytes(Map<String, Tensor> tensors, Map<String, String> metadata) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      write(out, tensors, metadata);
    } catch (IOException e) {
      throw new UncheckedIOException("writing into memory cannot fail", e);
    }
    return out.toByteArray();
  }
}
