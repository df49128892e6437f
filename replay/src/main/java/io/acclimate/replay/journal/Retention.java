package io.acclimate.replay.journal;

import io.acclimate.runtime.AcclimateException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Removes the oldest files of a journal: whole files, and none that is still needed. */
final class Retention {
  private static final Logger LOG = LoggerFactory.getLogger(Retention.class);

  /** A file and the first record of the next one. */
  private record Segment(Path file, long nextFirst, long lastMillis) {}

  private final Path folder;
  private final SingleChronicleQueue queue;
  private final JournalSettings settings;

  Retention(Path folder, SingleChronicleQueue queue, JournalSettings settings) {
    this.folder = folder;
    this.queue = queue;
    this.settings = settings;
  }

  /**
   * Removes what may go.
   *
   * @param keepFrom the first record that must stay
   * @param now milliseconds since 1970
   * @return how many files were removed
   */
  int apply(long keepFrom, long now) {
    if (settings.maxAge().isZero() && settings.maxBytes() == 0) {
      return 0;
    }
    int removed = 0;
    try {
      long total = 0;
      for (Path file : QueueFiles.list(folder)) {
        total += Files.size(file);
      }
      for (Segment segment : closedSegments()) {
        long age = now - segment.lastMillis();
        boolean old = !settings.maxAge().isZero() && age > settings.maxAge().toMillis();
        boolean much = settings.maxBytes() > 0 && total > settings.maxBytes();
        if (segment.nextFirst() < 0 || segment.nextFirst() > keepFrom || !(old || much)) {
          break;
        }
        total -= Files.size(segment.file());
        Files.delete(segment.file());
        LOG.info("removed {}: its records are no longer needed", segment.file());
        removed++;
      }
    } catch (IOException e) {
      throw new AcclimateException(
          "journal %s: expected to remove old files, found: %s".formatted(folder, e), e);
    } finally {
      if (removed > 0) {
        queue.refreshDirectoryListing();
      }
    }
    return removed;
  }

  /** All files but the newest, the oldest first. */
  private List<Segment> closedSegments() {
    List<Integer> cycles = QueueFiles.cycles(queue);
    List<Path> files = QueueFiles.list(folder);
    List<Segment> segments = new ArrayList<>();
    try (RecordScan scan = new RecordScan(queue)) {
      for (int i = 0; i + 1 < Math.min(cycles.size(), files.size()); i++) {
        long nextFirst = scan.toFile(cycles.get(i + 1));
        // The next file was begun when this one ended.
        long ended = (long) cycles.get(i + 1) * queue.rollCycle().lengthInMillis();
        segments.add(new Segment(files.get(i), nextFirst, ended));
      }
    }
    return segments;
  }
}
