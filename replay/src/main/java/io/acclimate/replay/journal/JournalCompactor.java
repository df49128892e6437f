package io.acclimate.replay.journal;

import io.acclimate.replay.codec.JournalRecord;
import io.acclimate.replay.codec.RecordCodec;
import io.acclimate.replay.event.JournalEvent;
import io.acclimate.replay.event.RecordsOmitted;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.io.FolderLock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import net.openhft.chronicle.queue.ExcerptAppender;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueue;
import net.openhft.chronicle.wire.DocumentContext;
import org.apache.commons.io.file.PathUtils;

/**
 * Writes a journal anew without what must be forgotten or is no longer needed. Sequence numbers and
 * times stay; what is left out is accounted for. The new files are written aside and take the old
 * ones' place at the end; a journal found half-way through that is put right when it is opened.
 */
public final class JournalCompactor {
  private static final String NEW = "records.new";
  private static final String OLD = "records.old";

  /**
   * What is left out.
   *
   * @param keepFrom records before this one go; 0 keeps all
   * @param dropDamaged whether records that cannot be read are left out; else they are an error
   * @param compress whether the records are compressed
   */
  public record Options(long keepFrom, boolean dropDamaged, boolean compress) {}

  private final Options options;
  private final long now;
  private final SingleChronicleQueue queue;
  private final ExcerptAppender appender;
  private final RecordCodec codec;
  private long time;
  private long next = -1;
  private long omittedFrom = -1;
  private boolean omittedNeeded;
  private String omittedReason;

  private JournalCompactor(Path target, RollCycleChoice roll, Options options, long now) {
    this.options = options;
    this.now = now;
    this.queue = QueueFiles.open(target, roll, () -> time);
    this.appender = queue.createAppender();
    this.codec = new RecordCodec(options.compress());
  }

  /**
   * Compacts a journal that nobody writes to.
   *
   * @return what the new journal holds
   * @throws AcclimateException when somebody writes to it, when it is damaged and damage is not to
   *     be dropped, or the disk is full; the journal is then as it was
   */
  public static JournalVerifier.Result compact(Path folder, RollCycleChoice roll, Options options) {
    JvmFlags.require();
    Path mark = HighWaterMark.file(folder);
    if (!Files.isRegularFile(mark)) {
      throw QueueFiles.noJournal(folder, mark);
    }
    FolderLock lock = FolderLock.take("journal", folder);
    try {
      finish(folder);
      Path aside = folder.resolve(NEW);
      deleteFolder(aside);
      if (options.dropDamaged()) {
        QueueFiles.list(folder).forEach(file -> FileExtent.of(file).mend());
        QueueFiles.mendList(folder, roll);
      }
      JournalVerifier.Result before = write(folder, aside, roll, options);
      swap(folder);
      HighWaterMark marked = HighWaterMark.open(folder, false);
      JournalVerifier.Result after = JournalVerifier.verify(folder);
      marked.acknowledge(Math.max(before.nextSequence(), after.nextSequence()) - 1);
      marked.sync(after.nextSequence() - 1);
      return after;
    } finally {
      lock.close();
    }
  }

  private static JournalVerifier.Result write(
      Path folder, Path aside, RollCycleChoice roll, Options options) {
    long acknowledged = HighWaterMark.open(folder, true).acknowledged().orElse(-1);
    JournalCompactor compactor =
        new JournalCompactor(aside, roll, options, System.currentTimeMillis());
    try {
      JournalVerifier.Result found = JournalVerifier.scan(folder, compactor::add);
      if (!found.isSound() && !options.dropDamaged()) {
        throw new AcclimateException(
            "journal %s is damaged: %s; with --drop-damaged the rest is kept"
                .formatted(folder, found.faults().get(0)));
      }
      compactor.end(acknowledged);
      return found;
    } catch (RuntimeException | Error e) {
      compactor.close();
      deleteFolder(aside);
      throw e;
    } finally {
      compactor.close();
    }
  }

  private void add(JournalRecord record) {
    long sequence = record.sequence();
    if (sequence < options.keepFrom()) {
      next = sequence + 1;
      return;
    }
    time = Math.max(time, record.timeMillis());
    long from = record.event() instanceof RecordsOmitted o ? o.from() : sequence;
    if (next >= 0 && from > next) {
      omit(next, from - 1, "damaged", true);
    }
    if (record.isExpired(now)) {
      omit(sequence, sequence, "expired", true);
    } else if (record.event() instanceof RecordsOmitted o) {
      omit(Math.max(o.from(), next), sequence, o.reason(), o.needed());
    } else {
      flush(sequence - 1);
      put(sequence, record.expiresAtMillis(), record.event());
    }
    next = sequence + 1;
  }

  /** Collects records that go; neighbours that go for the same reason are one. */
  private void omit(long from, long to, String reason, boolean needed) {
    if (omittedFrom >= 0 && !(reason.equals(omittedReason) && needed == omittedNeeded)) {
      flush(from - 1);
    }
    omittedFrom = omittedFrom < 0 ? from : omittedFrom;
    omittedReason = reason;
    omittedNeeded = needed;
    next = to + 1;
  }

  private void flush(long to) {
    if (omittedFrom >= 0) {
      put(to, JournalRecord.NEVER, new RecordsOmitted(omittedFrom, omittedReason, omittedNeeded));
      omittedFrom = -1;
    }
  }

  private void end(long acknowledged) {
    if (acknowledged >= Math.max(0, next)) {
      omit(Math.max(0, next), acknowledged, "damaged", false);
    }
    flush(next - 1);
  }

  private void put(long sequence, long expiresAt, JournalEvent event) {
    ByteBuffer record = codec.encode(sequence, time, expiresAt, event);
    try (DocumentContext document = appender.writingDocument()) {
      document
          .wire()
          .bytes()
          .write(record.array(), record.arrayOffset() + record.position(), record.remaining());
    }
  }

  private void close() {
    appender.close();
    queue.close();
  }

  private static void swap(Path folder) {
    try {
      for (Path file : QueueFiles.list(folder.resolve(NEW))) {
        DiskSpace.force(file.toFile());
      }
      Files.move(QueueFiles.records(folder), folder.resolve(OLD));
      Files.move(QueueFiles.records(folder.resolve(NEW)), QueueFiles.records(folder));
    } catch (IOException e) {
      throw new AcclimateException(
          "journal %s: expected to exchange its files, found: %s".formatted(folder, e), e);
    }
    finish(folder);
  }

  /** Puts a journal right whose compaction was interrupted: the old files, or the new ones. */
  static void finish(Path folder) {
    Path old = folder.resolve(OLD);
    if (Files.isDirectory(old)) {
      if (!Files.isDirectory(QueueFiles.records(folder))) {
        try {
          Files.move(old, QueueFiles.records(folder));
        } catch (IOException e) {
          throw new AcclimateException(
              "journal %s: expected to restore its files, found: %s".formatted(folder, e), e);
        }
      }
      deleteFolder(old);
    }
    deleteFolder(folder.resolve(NEW));
  }

  private static void deleteFolder(Path folder) {
    try {
      if (Files.exists(folder)) {
        PathUtils.deleteDirectory(folder);
      }
    } catch (IOException e) {
      throw new AcclimateException(folder + ": expected to remove it, found: " + e, e);
    }
  }
}
