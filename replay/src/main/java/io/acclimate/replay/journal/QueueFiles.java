package io.acclimate.replay.journal;

import io.acclimate.replay.codec.DamagedRecordException;
import io.acclimate.runtime.AcclimateException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import net.openhft.chronicle.queue.TailerDirection;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueue;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueueBuilder;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueueStore;
import net.openhft.chronicle.wire.Wires;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The folder of a journal and the Chronicle queue in it. */
final class QueueFiles {
  private static final Logger LOG = LoggerFactory.getLogger(QueueFiles.class);
  static final String SUFFIX = ".cq4";
  private static final String METADATA = "metadata.cq4t";

  /** The part of a file that is mapped at a time; a record is smaller than a quarter of it. */
  private static final long BLOCK_BYTES = 64L << 20;

  /** What is mapped beyond the part; Chronicle's choice. */
  private static final long OVERLAP_BYTES = BLOCK_BYTES / 4;

  /** How long a reader waits for a file that somebody is just beginning. */
  private static final long READ_TIMEOUT_MILLIS = 500;

  private QueueFiles() {}

  static Path records(Path folder) {
    return folder.resolve("records");
  }

  static void create(Path folder) {
    try {
      Files.createDirectories(records(folder));
    } catch (IOException e) {
      throw new AcclimateException(
          "journal %s: expected a folder to write to, found: %s".formatted(folder, e), e);
    }
  }

  /**
   * Opens a queue for writing.
   *
   * @param clock milliseconds since 1970, never falling
   */
  static SingleChronicleQueue open(Path folder, RollCycleChoice roll, LongSupplier clock) {
    return build(
        folder,
        SingleChronicleQueueBuilder.binary(records(folder))
            .rollCycle(roll.cycle())
            .blockSize(BLOCK_BYTES)
            .timeProvider(clock::getAsLong));
  }

  /**
   * Opens a queue for reading only; somebody else may be writing to it.
   *
   * @throws io.acclimate.replay.codec.DamagedRecordException when a file was cut off before its
   *     last record, or Chronicle's list of the files was never written
   */
  static SingleChronicleQueue openReadOnly(Path folder) {
    Path metadata = records(folder).resolve(METADATA);
    if (!Files.isRegularFile(metadata)) {
      throw noJournal(folder, metadata);
    }
    FileExtent description = FileExtent.of(metadata);
    if (!description.isWhole()) {
      throw new DamagedRecordException(
          ("%s: expected the list of the journal's files, found %d bytes that are no whole one: it was"
                  + " cut off, or a process was killed or the disk was full as it was begun; 'journal"
                  + " compact --drop-damaged' writes it anew from the files with records")
              .formatted(metadata, description.length()));
    }
    List<Path> files = list(folder);
    List<FileExtent> cutOff =
        files.stream().map(FileExtent::of).filter(FileExtent::isCutOff).toList();
    SingleChronicleQueue queue =
        build(
            folder,
            SingleChronicleQueueBuilder.binary(records(folder))
                .blockSize(BLOCK_BYTES)
                .timeoutMS(READ_TIMEOUT_MILLIS)
                .readOnly(true));
    Path last = files.isEmpty() ? metadata : files.get(files.size() - 1);
    for (FileExtent extent : cutOff) {
      boolean readable =
          extent.file().equals(last) && extent.isCutOffInLastRecord(() -> lastRecord(queue));
      if (!readable) {
        queue.close();
        throw extent.damage();
      }
    }
    return queue;
  }

  /**
   * Writes Chronicle's list of the files anew where it is missing or was cut off; the files with
   * records say all that stands in it. Only for the one that holds the journal's lock.
   */
  static void mendList(Path folder, RollCycleChoice roll) {
    Path metadata = records(folder).resolve(METADATA);
    try {
      if (!FileExtent.of(metadata).isWhole()) {
        LOG.warn("{} is written anew: it was cut off, or never begun", metadata);
        Files.deleteIfExists(metadata);
        open(folder, roll, System::currentTimeMillis).close();
      }
    } catch (IOException e) {
      throw new AcclimateException(metadata + ": expected to write it anew, found: " + e, e);
    }
  }

  /** Where the last record of the last file begins; beyond all files where that file is missing. */
  private static long lastRecord(SingleChronicleQueue queue) {
    SingleChronicleQueueStore store = queue.storeForCycle(queue.lastCycle(), 0, false, null);
    if (store == null) {
      return Long.MAX_VALUE;
    }
    try {
      return store.writePosition();
    } finally {
      queue.closeStore(store);
    }
  }

  /** What is said of a folder that lacks a file of every journal. */
  static AcclimateException noJournal(Path folder, Path missing) {
    return new AcclimateException(
        "journal %s: expected a journal's folder, found no %s".formatted(folder, missing));
  }

  private static SingleChronicleQueue build(Path folder, SingleChronicleQueueBuilder builder) {
    try {
      return builder.build();
    } catch (RuntimeException | LinkageError | AssertionError e) {
      throw new AcclimateException(
          "journal %s: expected to open its files, found: %s".formatted(folder, e), e);
    }
  }

  /**
   * Removes files that a process was killed over before their first document, Chronicle's own
   * description of the file, was complete: they hold no records, and Chronicle waits for them. Only
   * for the one that holds the journal's lock.
   */
  static void removeUnbegun(Path folder) {
    for (Path file : list(folder)) {
      try {
        if (!isBegun(file)) {
          LOG.warn("removed {}: a process was killed before it had begun the file", file);
          Files.delete(file);
        }
      } catch (IOException e) {
        throw new AcclimateException(file + ": expected a file of records, found: " + e, e);
      }
    }
  }

  /** Whether the first document of a file is complete: Chronicle's header word says so. */
  private static boolean isBegun(Path file) throws IOException {
    ByteBuffer word = ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      channel.read(word, 0);
    }
    return Wires.isReadyMetaData(word.getInt(0));
  }

  /** Whether a file has a length that Chronicle gives: whole parts, and what is mapped beyond. */
  static boolean isGrown(long length) {
    return length > OVERLAP_BYTES && (length - OVERLAP_BYTES) % BLOCK_BYTES == 0;
  }

  /** Gives a file the length that Chronicle does for so many bytes; the new ones are zeros. */
  static void grow(Path file, long bytes) throws IOException {
    try (RandomAccessFile raw = new RandomAccessFile(file.toFile(), "rw")) {
      raw.setLength((bytes / BLOCK_BYTES + 1) * BLOCK_BYTES + OVERLAP_BYTES);
    }
  }

  /** The files with records, the oldest first. */
  static List<Path> list(Path folder) {
    try (Stream<Path> files = Files.list(records(folder))) {
      return files.filter(file -> file.toString().endsWith(SUFFIX)).sorted().toList();
    } catch (IOException e) {
      throw new AcclimateException(
          "journal %s: expected its files, found: %s".formatted(folder, e), e);
    }
  }

  /** The cycles that have a file, the oldest first. */
  static List<Integer> cycles(SingleChronicleQueue queue) {
    List<Integer> cycles = new ArrayList<>();
    int last = queue.lastCycle();
    for (int cycle = queue.firstCycle(); cycle <= last && last != Integer.MIN_VALUE; ) {
      cycles.add(cycle);
      cycle = cycle == last ? last + 1 : next(queue, cycle);
    }
    return cycles;
  }

  private static int next(SingleChronicleQueue queue, int cycle) {
    try {
      int next = queue.nextCycle(cycle, TailerDirection.FORWARD);
      return next == -1 ? Integer.MAX_VALUE : next;
    } catch (ParseException e) {
      throw new AcclimateException("unexpected file in the journal's folder: " + e, e);
    }
  }
}
