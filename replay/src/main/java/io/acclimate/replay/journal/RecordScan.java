package io.acclimate.replay.journal;

import io.acclimate.replay.codec.DamagedRecordException;
import io.acclimate.replay.codec.JournalRecord;
import io.acclimate.replay.codec.RecordCodec;
import io.acclimate.replay.event.RecordsOmitted;
import java.nio.ByteBuffer;
import java.util.List;
import net.openhft.chronicle.bytes.Bytes;
import net.openhft.chronicle.queue.ExcerptTailer;
import net.openhft.chronicle.queue.TailerDirection;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueue;
import net.openhft.chronicle.wire.DocumentContext;

/**
 * Goes through the documents of a queue one by one and reports each as a record or as a fault; no
 * fault ends it. Reuses its buffer; belongs to one thread.
 */
final class RecordScan implements AutoCloseable {
  /**
   * What was found: a record, or why there is none.
   *
   * @param record the record; null for a fault
   * @param fault what is wrong; null for a record
   */
  record Found(JournalRecord record, String fault) {}

  /**
   * The end of a queue.
   *
   * @param record the last record that can be read; null for none
   * @param faults how many documents after it cannot be read
   * @param fault what is wrong with the last of them; null when there is none
   */
  record Last(JournalRecord record, int faults, String fault) {
    /** The end of a queue without files. */
    static final Last NONE = new Last(null, 0, null);
  }

  private final SingleChronicleQueue queue;
  private final ExcerptTailer tailer;
  private final RecordCodec codec = new RecordCodec(false);
  private byte[] buffer = new byte[1 << 12];

  RecordScan(SingleChronicleQueue queue) {
    this.queue = queue;
    this.tailer = tailer(queue);
    tailer.singleThreadedCheckDisabled(true);
  }

  private static ExcerptTailer tailer(SingleChronicleQueue queue) {
    try {
      return queue.createTailer();
    } catch (Exception | AssertionError | InternalError e) { // of checked ones, too
      throw new DamagedRecordException(
          "%s: expected a file that begins with its description, found: %s"
              .formatted(queue.file(), e),
          e);
    }
  }

  /** The next document; null at the end. */
  Found next() {
    try {
      ByteBuffer bytes = read();
      if (bytes != null) {
        return decode(bytes);
      }
      return skipToNextFile("its records end before the file does");
    } catch (RuntimeException | AssertionError | InternalError e) {
      Found fault = skipToNextFile(e.toString());
      return fault == null ? new Found(null, where() + ": cannot be read: " + e) : fault;
    }
  }

  private Found decode(ByteBuffer bytes) {
    try {
      return new Found(codec.decode(bytes), null);
    } catch (DamagedRecordException e) {
      return new Found(null, where() + ": " + e.getMessage());
    }
  }

  private ByteBuffer read() {
    try (DocumentContext document = tailer.readingDocument()) {
      if (!document.isPresent()) {
        return null;
      }
      Bytes<?> bytes = document.wire().bytes();
      int length = Math.toIntExact(bytes.readRemaining());
      if (buffer.length < length) {
        buffer = new byte[Math.max(length, 2 * buffer.length)];
      }
      bytes.read(buffer, 0, length);
      return ByteBuffer.wrap(buffer, 0, length).slice();
    }
  }

  /** The number of the first record that is there or accounted for; 0 when there is none. */
  long first() {
    tailer.toStart();
    Found found = next();
    while (found != null && found.record() == null) {
      found = next();
    }
    if (found == null) {
      return 0;
    }
    return found.record().event() instanceof RecordsOmitted omitted
        ? omitted.from()
        : found.record().sequence();
  }

  /** Looks for the last record that can be read, from the end backwards. */
  Last last() {
    int faults = 0;
    String fault = null;
    try {
      tailer.direction(TailerDirection.BACKWARD).toEnd();
      ByteBuffer bytes = read();
      while (bytes != null) {
        Found found = decode(bytes);
        if (found.record() != null) {
          return new Last(found.record(), faults, fault);
        }
        faults++;
        fault = fault == null ? found.fault() : fault;
        bytes = read();
      }
      return new Last(null, faults, fault);
    } catch (RuntimeException | AssertionError | InternalError e) {
      throw new DamagedRecordException(where() + ": cannot be read: " + e, e);
    } finally {
      tailer.direction(TailerDirection.FORWARD).toStart();
    }
  }

  /** Where a file ends early although another follows, goes on there; null where none follows. */
  private Found skipToNextFile(String why) {
    int cycle = tailer.cycle();
    for (int later : QueueFiles.cycles(queue)) {
      if (later > cycle && cycle != Integer.MIN_VALUE) {
        String where = where();
        tailer.moveToIndex(queue.rollCycle().toIndex(later, 0));
        return new Found(null, where + ": " + why);
      }
    }
    return null;
  }

  /** The file and the number of the document in it, for messages. */
  String where() {
    String file = tailer.currentFile() == null ? "no file" : tailer.currentFile().getName();
    return "file %s, document %d"
        .formatted(file, Math.max(0, queue.rollCycle().toSequenceNumber(tailer.index()) - 1));
  }

  /**
   * Goes to the first record of a file.
   *
   * @return its sequence number; -1 when the file has no valid record
   */
  long toFile(int cycle) {
    tailer.moveToIndex(queue.rollCycle().toIndex(cycle, 0));
    Found found = next();
    while (found != null && found.record() == null && tailer.cycle() == cycle) {
      found = next();
    }
    return found == null || found.record() == null ? -1 : found.record().sequence();
  }

  /** Goes to a place such that the record with this number, if it is there, comes next or later. */
  void seek(long sequence) {
    List<Integer> cycles = QueueFiles.cycles(queue);
    int start = -1;
    for (int i = cycles.size() - 1; i >= 0 && start < 0; i--) {
      long first = toFile(cycles.get(i));
      if (first >= 0 && first <= sequence) {
        start = i;
        long index = queue.rollCycle().toIndex(cycles.get(i), sequence - first);
        if (tailer.moveToIndex(index) && sequenceHere() == sequence) {
          tailer.moveToIndex(index);
          return;
        }
      }
    }
    if (start >= 0) {
      tailer.moveToIndex(queue.rollCycle().toIndex(cycles.get(start), 0));
    } else {
      tailer.toStart();
    }
  }

  private long sequenceHere() {
    Found found = next();
    return found == null || found.record() == null ? -1 : found.record().sequence();
  }

  @Override
  public void close() {
    tailer.close();
  }
}
