package io.acclimate.replay.journal;

import java.nio.file.Path;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueue;

/** A journal that is only looked at; another process may be writing to it. */
final class ReadOnlyJournal implements JournalView {
  private final Path folder;
  private final HighWaterMark mark;
  private final SingleChronicleQueue queue;

  ReadOnlyJournal(Path folder) {
    this.folder = folder;
    this.queue = QueueFiles.openReadOnly(folder);
    this.mark = HighWaterMark.open(folder, true);
  }

  @Override
  public long firstSequence() {
    try (RecordScan scan = new RecordScan(queue)) {
      return scan.first();
    }
  }

  @Override
  public long nextSequence() {
    try (RecordScan scan = new RecordScan(queue)) {
      RecordScan.Last last = scan.last();
      return last.record() == null ? 0 : last.record().sequence() + 1;
    }
  }

  @Override
  public JournalReader reader(long from) {
    return new ChronicleReader(
        folder.toString(),
        new RecordScan(queue),
        mark::acknowledged,
        System::currentTimeMillis,
        from);
  }

  @Override
  public void close() {
    queue.close();
  }
}
