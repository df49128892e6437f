package io.acclimate.replay.journal;

import io.acclimate.runtime.AcclimateException;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.OptionalLong;

/**
 * The last sequence number that was acknowledged, and the last that was known to be on the disk. By
 * comparing them with the records that are found, the end of a journal that was cut off is told
 * from one that was reached.
 *
 * <p>Two words in a mapped file, each written in one step and carrying its own check bits, so that
 * a kill at any moment leaves the old or the new value.
 */
final class HighWaterMark {
  private static final VarHandle WORD =
      MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final int BYTES = 4096;
  private static final int ACKNOWLEDGED_AT = 0;
  private static final int SYNCED_AT = 64;
  private static final int CHECK_BITS = 16;
  private static final long VALUE_MASK = -1L >>> CHECK_BITS;

  private final MappedByteBuffer map;

  private HighWaterMark(MappedByteBuffer map) {
    this.map = map;
  }

  /** The file of a journal; every journal has it. */
  static Path file(Path folder) {
    return folder.resolve("journal.mark");
  }

  /** Opens or creates the file of a journal. */
  static HighWaterMark open(Path folder, boolean readOnly) {
    Path file = file(folder);
    try (FileChannel channel =
        readOnly
            ? FileChannel.open(file, StandardOpenOption.READ)
            : FileChannel.open(
                file,
                StandardOpenOption.CREATE,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE)) {
      if (!readOnly && channel.size() < BYTES) {
        channel.write(ByteBuffer.allocate(BYTES), 0);
      }
      return new HighWaterMark(
          channel.map(
              readOnly ? FileChannel.MapMode.READ_ONLY : FileChannel.MapMode.READ_WRITE, 0, BYTES));
    } catch (IOException e) {
      throw new AcclimateException(file + ": expected the journal's mark, found: " + e, e);
    }
  }

  /** The last acknowledged sequence number; empty when none was or the word is damaged. */
  OptionalLong acknowledged() {
    return read(ACKNOWLEDGED_AT);
  }

  /** The last sequence number known to be on the disk; empty when none is. */
  OptionalLong synced() {
    return read(SYNCED_AT);
  }

  void acknowledge(long sequence) {
    WORD.setRelease(map, ACKNOWLEDGED_AT, word(sequence));
  }

  /** Notes what is on the disk; the mark itself is forced there, too. */
  void sync(long sequence) {
    WORD.setRelease(map, SYNCED_AT, word(sequence));
    map.force();
  }

  private OptionalLong read(int at) {
    long word = (long) WORD.getAcquire(map, at);
    long sequence = (word & VALUE_MASK) - 1;
    return sequence >= 0 && word(sequence) == word
        ? OptionalLong.of(sequence)
        : OptionalLong.empty();
  }

  /** The number plus one, so that zeros mean none, under check bits folded from it. */
  private static long word(long sequence) {
    long value = (sequence + 1) & VALUE_MASK;
    long hash = value * 0x9E3779B97F4A7C15L;
    return value | (hash >>> (Long.SIZE - CHECK_BITS)) << (Long.SIZE - CHECK_BITS);
  }
}
