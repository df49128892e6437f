package io.acclimate.replay.journal;

import io.acclimate.replay.codec.JournalRecord;
import io.acclimate.replay.codec.RecordCodec;
import io.acclimate.replay.event.BatchObserved;
import io.acclimate.replay.event.EventsDropped;
import io.acclimate.replay.event.FeedbackReceived;
import io.acclimate.replay.event.JournalEvent;
import io.acclimate.replay.event.Predicted;
import io.acclimate.replay.event.RecordsOmitted;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.io.FolderLock;
import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.LongSupplier;
import net.openhft.chronicle.bytes.Bytes;
import net.openhft.chronicle.queue.ExcerptAppender;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueue;
import net.openhft.chronicle.wire.DocumentContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A journal in files, on Chronicle Queue. See {@code docs/journal.md} for the files, what each
 * level of durability can lose, and what happens at each fault.
 *
 * <p>Appending belongs to one thread at a time; everything of {@link JournalView} is for all.
 */
public final class ChronicleJournal implements Journal {
  private static final Logger LOG = LoggerFactory.getLogger(ChronicleJournal.class);

  /** Chronicle writes a document inside one mapped block. */
  private static final int MAX_RECORD_BYTES = 16 << 20;

  private static final int NO_CYCLE = Integer.MIN_VALUE;

  private final Path folder;
  private final JournalSettings settings;
  private final FolderLock lock;
  private final HighWaterMark mark;
  private final LongSupplier clock;
  private final SingleChronicleQueue queue;
  private final ExcerptAppender appender;
  private final Retention retention;
  private final DiskSpace space;
  private final RecordCodec codec;
  private int cycle = NO_CYCLE;
  private File file;
  private long position;
  private volatile long nextSequence;
  private volatile long firstSequence;
  private long keepFrom;
  private long syncedSequence;
  private long appended;
  private long bytes;
  private long dropped;
  private long unreported;
  private long syncs;
  private AcclimateException failure;
  private boolean closed;

  private ChronicleJournal(
      Path folder,
      JournalSettings settings,
      FolderLock lock,
      LongSupplier wallClock,
      BiFunction<Path, Long, DiskSpace> disk) {
    this.folder = folder;
    this.settings = settings;
    this.lock = lock;
    this.space = disk.apply(QueueFiles.records(folder), settings.minFreeBytes());
    requireRoom();
    this.mark = HighWaterMark.open(folder, false);
    JournalTail tail = tail();
    this.clock = new JournalClock(wallClock, tail.lastMillis());
    this.queue = QueueFiles.open(folder, settings.rollCycle(), clock);
    queue.refreshDirectoryListing();
    this.appender = queue.createAppender();
    appender.singleThreadedCheckDisabled(true);
    this.retention = new Retention(folder, queue, settings);
    this.codec = new RecordCodec(settings.compress());
    this.nextSequence = tail.lastSequence() + 1;
    this.syncedSequence = mark.synced().orElse(-1);
    noteLoss(tail);
    this.firstSequence = findFirst();
  }

  /**
   * Opens or creates a journal and takes the right to write to it.
   *
   * @param folder created where it is missing
   * @throws AcclimateException when a JVM flag is missing, the folder cannot be written to, another
   *     process writes to it, the disk is full, or records that were on the disk cannot be read
   */
  public static ChronicleJournal open(Path folder, JournalSettings settings) {
    return open(folder, settings, System::currentTimeMillis, DiskSpace::new);
  }

  static ChronicleJournal open(
      Path folder,
      JournalSettings settings,
      LongSupplier wallClock,
      BiFunction<Path, Long, DiskSpace> disk) {
    JvmFlags.require();
    FolderLock lock = FolderLock.take("journal", folder);
    try {
      JournalCompactor.finish(folder);
      QueueFiles.create(folder);
      QueueFiles.removeUnbegun(folder);
      return new ChronicleJournal(folder, settings, lock, wallClock, disk);
    } catch (RuntimeException | Error e) {
      lock.close();
      throw e;
    }
  }

  /**
   * Opens a journal for reading only, also while another process writes to it.
   *
   * @throws AcclimateException when there is no journal
   */
  public static JournalView openReadOnly(Path folder) {
    JvmFlags.require();
    return new ReadOnlyJournal(folder);
  }

  /** The flags that a JVM must be started with to use journals on disk. */
  public static List<String> jvmFlags() {
    return JvmFlags.all();
  }

  private void requireRoom() {
    try {
      space.forNewFile(0);
    } catch (IOException e) {
      throw new JournalFullException(
          "journal %s: expected room on the disk, found: %s".formatted(folder, e.getMessage()), e);
    }
  }

  private JournalTail tail() {
    if (QueueFiles.list(folder).isEmpty()) {
      return JournalTail.of(folder.toString(), RecordScan.Last.NONE, mark);
    }
    try (SingleChronicleQueue found = QueueFiles.openReadOnly(folder);
        RecordScan scan = new RecordScan(found)) {
      return JournalTail.of(folder.toString(), scan.last(), mark);
    }
  }

  /** Records that the end is missing, so that readers know and numbers stay unique. */
  private void noteLoss(JournalTail tail) {
    if (tail.hasLoss()) {
      String reason = "not on the disk when the journal was opened again";
      LOG.warn(
          "journal {}: records {} to {} are lost: {}",
          folder,
          tail.lastSequence() + 1,
          tail.lostUpTo(),
          reason);
      nextSequence = tail.lostUpTo();
      append(new RecordsOmitted(tail.lastSequence() + 1, reason, false));
    }
  }

  private long findFirst() {
    try (RecordScan scan = new RecordScan(queue)) {
      return scan.first();
    }
  }

  @Override
  public long append(JournalEvent event) {
    boolean personal =
        event instanceof BatchObserved
            || event instanceof Predicted
            || event instanceof FeedbackReceived;
    boolean expires = personal && !settings.expiry().isZero();
    return append(
        event, expires ? clock.getAsLong() + settings.expiry().toMillis() : JournalRecord.NEVER);
  }

  @Override
  public long append(JournalEvent event, long expiresAtMillis) {
    requireUsable();
    boolean strip = settings.payload() == JournalSettings.Payload.FEATURES;
    JournalEvent kept = strip && event instanceof BatchObserved b ? b.withoutInput() : event;
    try {
      if (unreported > 0) {
        write(new EventsDropped(unreported, "the disk was full"), JournalRecord.NEVER);
        LOG.warn("journal {}: there is room again; {} events are missing", folder, unreported);
        unreported = 0;
      }
      return write(kept, expiresAtMillis);
    } catch (IOException e) {
      return whenFull(e);
    }
  }

  private long whenFull(IOException cause) {
    String message = "journal %s: the disk is full: %s".formatted(folder, cause.getMessage());
    if (settings.whenFull() == JournalSettings.WhenFull.STOP) {
      throw new JournalFullException(message, cause);
    }
    if (unreported == 0) {
      LOG.error("{}; the stream goes on without being recorded", message);
    }
    unreported++;
    dropped++;
    return NOT_RECORDED;
  }

  private long write(JournalEvent event, long expiresAt) throws IOException {
    long sequence = nextSequence;
    ByteBuffer record = codec.encode(sequence, clock.getAsLong(), expiresAt, event);
    int length = record.remaining();
    if (length > MAX_RECORD_BYTES) {
      throw new AcclimateException(
          "journal %s: expected a record of at most %d bytes, found %d"
              .formatted(folder, MAX_RECORD_BYTES, length));
    }
    if (queue.cycle() == cycle) {
      space.take(file, position, length);
    } else {
      space.forNewFile(length);
    }
    put(record, length);
    nextSequence = sequence + 1;
    appended++;
    bytes += length;
    if (appender.cycle() != cycle) {
      roll(sequence);
    }
    if (settings.durability().isDue(sequence - syncedSequence)) {
      force(sequence);
    }
    mark.acknowledge(sequence);
    return sequence;
  }

  private void put(ByteBuffer record, int length) {
    try (DocumentContext document = appender.writingDocument()) {
      Bytes<?> out = document.wire().bytes();
      try {
        out.write(record.array(), record.arrayOffset() + record.position(), length);
        position = out.writePosition();
      } catch (RuntimeException | Error e) {
        document.rollbackOnClose();
        throw e;
      }
    } catch (RuntimeException | AssertionError | InternalError e) {
      failure =
          new AcclimateException(
              "journal %s: expected to append a record, found: %s".formatted(folder, e), e);
      throw failure;
    }
  }

  /** A new file was begun with this record: the one before is complete. */
  private void roll(long sequence) {
    if (file != null && settings.durability().syncsAtRoll()) {
      force(sequence - 1);
    }
    boolean first = file == null;
    cycle = appender.cycle();
    file = appender.currentFile();
    if (!first) {
      applyRetention();
    }
  }

  private void applyRetention() {
    if (retention.apply(keepFrom, clock.getAsLong()) > 0) {
      firstSequence = findFirst();
    }
  }

  private void force(long upTo) {
    try {
      DiskSpace.force(file);
    } catch (IOException e) {
      failure =
          new AcclimateException(
              "journal %s: expected to force %s to the disk, found: %s".formatted(folder, file, e),
              e);
      throw failure;
    }
    mark.sync(upTo);
    syncedSequence = upTo;
    syncs++;
  }

  @Override
  public void sync() {
    requireUsable();
    if (nextSequence - 1 > syncedSequence && file != null) {
      force(nextSequence - 1);
    }
  }

  @Override
  public void keepFrom(long sequence) {
    requireUsable();
    keepFrom = sequence;
    applyRetention();
  }

  private void requireUsable() {
    if (closed) {
      throw new IllegalStateException("journal " + folder + " is closed");
    }
    if (failure != null) {
      throw failure;
    }
  }

  @Override
  public long firstSequence() {
    return firstSequence;
  }

  @Override
  public long nextSequence() {
    return nextSequence;
  }

  @Override
  public JournalReader reader(long from) {
    return new ChronicleReader(
        folder.toString(), new RecordScan(queue), mark::acknowledged, clock, from);
  }

  @Override
  public JournalStats stats() {
    return new JournalStats(appended, bytes, dropped, syncs, syncedSequence);
  }

  /** Forces everything to the disk and gives the right to write back. Twice does nothing. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    try {
      if (failure == null) {
        sync();
      }
      space.close();
    } catch (IOException e) {
      throw new AcclimateException(
          "journal %s: expected to close it, found: %s".formatted(folder, e), e);
    } finally {
      closed = true;
      appender.close();
      queue.close();
      lock.close();
    }
  }
}
