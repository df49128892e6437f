package io.acclimate.runtime.io;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.Tensor;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Set;

/**
 * An open safetensors file: its header is known, each tensor is read when it is asked for.
 *
 * <p>Safe for several threads until it is closed.
 */
public final class SafetensorsFile implements AutoCloseable {
  private final Path file;
  private final FileChannel channel;
  private final SafetensorsHeader header;

  private SafetensorsFile(Path file, FileChannel channel, SafetensorsHeader header) {
    this.file = file;
    this.channel = channel;
    this.header = header;
  }

  static SafetensorsFile open(Path file) {
    long size = InputFiles.requireFile(file);
    FileChannel channel = null;
    try {
      channel = FileChannel.open(file, StandardOpenOption.READ);
      SafetensorsFile opened = new SafetensorsFile(file, channel, header(channel, size));
      channel = null;
      return opened;
    } catch (IOException e) {
      throw InputFiles.failed(file, e);
    } catch (AcclimateException e) {
      throw new AcclimateException(file + ": " + e.getMessage(), e);
    } finally {
      closeUnlessNull(channel);
    }
  }

  private static SafetensorsHeader header(FileChannel channel, long size) throws IOException {
    ByteBuffer number = ByteBuffer.allocate(SafetensorsHeader.LENGTH_BYTES);
    readFully(channel, number.order(ByteOrder.LITTLE_ENDIAN), 0);
    ByteBuffer json =
        ByteBuffer.allocate(SafetensorsHeader.checkLength(number.flip().getLong(), size));
    readFully(channel, json, SafetensorsHeader.LENGTH_BYTES);
    return SafetensorsHeader.parse(json.array(), size);
  }

  /** The names of the tensors, in the file's order. */
  public Set<String> names() {
    return header.entries().keySet();
  }

  /** The texts, in the file's order. */
  public Map<String, String> metadata() {
    return header.metadata();
  }

  /** The element type of a tensor. */
  public DType type(String name) {
    return require(name).type();
  }

  /** The dimensions of a tensor. */
  public long[] shape(String name) {
    return require(name).shape().clone();
  }

  /**
   * Reads one tensor.
   *
   * @throws AcclimateException when the file has none of this name or can no longer be read
   */
  public Tensor read(String name) {
    SafetensorsHeader.Entry entry = require(name);
    try {
      Tensor tensor = Tensor.allocate(entry.type(), entry.shape());
      readFully(channel, tensor.bytes(), header.dataStart() + entry.begin());
      return tensor;
    } catch (IOException e) {
      throw InputFiles.failed(file, e);
    } catch (AcclimateException e) {
      throw new AcclimateException(file + ": " + e.getMessage(), e);
    }
  }

  private SafetensorsHeader.Entry require(String name) {
    SafetensorsHeader.Entry entry = header.entries().get(name);
    if (entry == null) {
      throw new AcclimateException(
          "%s: expected a tensor '%s', found %s".formatted(file, name, names()));
    }
    return entry;
  }

  private static void readFully(FileChannel channel, ByteBuffer into, long start)
      throws IOException {
    long at = start;
    while (into.hasRemaining()) {
      int count = channel.read(into, at);
      if (count < 0) {
        throw new EOFException();
      }
      at += count;
    }
  }

  private static void closeUnlessNull(FileChannel channel) {
    try {
      if (channel != null) {
        channel.close();
      }
    } catch (IOException e) {
      throw new IllegalStateException("cannot close a file that was only read", e);
    }
  }

  /** Closes the file. */
  @Override
  public void close() {
    closeUnlessNull(channel);
  }

  @Override
  public String toString() {
    return file + " with " + names().size() + " tensors";
  }
}
