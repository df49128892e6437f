package io.acclimate.replay.journal;

import io.acclimate.replay.codec.DamagedRecordException;
import io.acclimate.runtime.AcclimateException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.function.LongSupplier;
import net.openhft.chronicle.wire.Wires;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How long a file of a queue is, and how long it has to be for what stands in it. Files are mapped:
 * to touch one beyond its end is an error of the Java machine that comes late and anywhere, so a
 * file that was cut off is found by its documents' lengths before it is mapped.
 *
 * @param needed bytes up to the end of the last document that begins in the file, and the word
 *     after it
 * @param described whether the first document, Chronicle's own description of the file, is whole
 */
record FileExtent(Path file, long length, long needed, boolean described) {
  /** A mapping shows zeros up to the end of the last page. */
  private static final long PAGE_BYTES = 4096;

  private static final Logger LOG = LoggerFactory.getLogger(FileExtent.class);

  static FileExtent of(Path file) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long length = channel.size();
      if (QueueFiles.isGrown(length)) {
        return new FileExtent(file, length, length, true);
      }
      long first = next(channel, 0);
      long end = 0;
      for (long next = first; next > end && end < length; next = next(channel, end)) {
        end = next;
      }
      return new FileExtent(file, length, end + Integer.BYTES, first <= length);
    } catch (NoSuchFileException e) { // its writer has just removed it
      return new FileExtent(file, 0, 0, true);
    } catch (IOException e) {
      throw new AcclimateException(file + ": expected a file of records, found: " + e, e);
    }
  }

  /** The end of the document that begins here, by the length in its first word; here for none. */
  private static long next(FileChannel channel, long at) throws IOException {
    ByteBuffer word = ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    channel.read(word, at);
    int header = word.getInt(0);
    if (Wires.isNotInitialized(header) || Wires.isNotComplete(header)) {
      return at;
    }
    long end = at + Integer.BYTES + Wires.lengthOf(header);
    return (end + Integer.BYTES - 1) / Integer.BYTES * Integer.BYTES;
  }

  /** Whether something stands in the file and ends in it. */
  boolean isWhole() {
    return needed > Integer.BYTES && needed <= length;
  }

  /** Whether something begins in the file and does not end in it; no file that is closed does. */
  boolean isCutOff() {
    return length >= Integer.BYTES && needed > length;
  }

  /**
   * Whether the file was cut off in its last record: then the mapping shows zeros in the place of
   * what is missing, and nothing beyond is asked for.
   *
   * @param lastRecord gives the place of the last record, by the file's description
   */
  boolean isCutOffInLastRecord(LongSupplier lastRecord) {
    long mapped = (length + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
    return described && isCutOff() && needed <= mapped && lastRecord.getAsLong() < length;
  }

  DamagedRecordException damage() {
    return new DamagedRecordException(
        ("%s: expected at least %d bytes, as its records say, found %d: it was cut off; 'journal"
                + " compact --drop-damaged' keeps what can be read")
            .formatted(file, needed, length));
  }

  /** Makes a file that was cut off readable; what is missing reads as damage. */
  void mend() {
    if (!isCutOff()) {
      return;
    }
    LOG.warn("{} was cut off: expected at least {} bytes, found {}", file, needed, length);
    try {
      if (described) {
        QueueFiles.grow(file, needed);
      } else {
        Files.delete(file); // nothing in it can be read
      }
    } catch (IOException e) {
      throw new AcclimateException(file + ": expected to mend it, found: " + e, e);
    }
  }
}
