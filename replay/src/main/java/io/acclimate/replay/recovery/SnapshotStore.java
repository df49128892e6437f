package io.acclimate.replay.recovery;

import io.acclimate.replay.codec.BodyReader;
import io.acclimate.replay.codec.BodyWriter;
import io.acclimate.replay.codec.DamagedRecordException;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.ContentHash;
import io.acclimate.runtime.io.AtomicFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Snapshots in files, each written aside, forced to the disk and renamed, with its checksum inside.
 * Belongs to one thread.
 */
public final class SnapshotStore {
  private static final Logger LOG = LoggerFactory.getLogger(SnapshotStore.class);
  private static final String MAGIC = "acclimate-snapshot";
  private static final int VERSION = 1;
  private static final Pattern NAME = Pattern.compile("snapshot-(\\d{19})\\.bin");

  private final Path folder;
  private final int kept;

  /**
   * Uses the folder of a journal.
   *
   * @param journal the journal's folder; must exist
   * @param kept how many snapshots are kept, at least 2: a damaged one falls back to the one before
   */
  public SnapshotStore(Path journal, int kept) {
    if (kept < 2) {
      throw new AcclimateException("expected at least 2 snapshots to keep, found " + kept);
    }
    this.folder = journal.resolve("snapshots");
    this.kept = kept;
  }

  /**
   * Writes a snapshot and removes the oldest ones beyond those to keep.
   *
   * @throws AcclimateException when it cannot be written; the ones before are then untouched
   */
  public void write(Snapshot snapshot) {
    byte[] content =
        new BodyWriter()
            .text(MAGIC)
            .integer(VERSION)
            .wholeNumber(snapshot.sequence())
            .text(snapshot.stateHash())
            .bytes(snapshot.state())
            .toBytes();
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new AcclimateException(folder + ": expected to create it, found: " + e, e);
    }
    AtomicFiles.write(
        folder.resolve("snapshot-%019d.bin".formatted(snapshot.sequence())),
        out -> {
          out.write(content);
          out.write(new BodyWriter().text(ContentHash.sha256(content)).toBytes());
        });
    List<Path> files = newestFirst();
    for (Path old : files.subList(Math.min(kept, files.size()), files.size())) {
      remove(old);
    }
  }

  private static void remove(Path file) {
    try {
      Files.delete(file);
    } catch (IOException e) {
      throw new AcclimateException(file + ": expected to remove it, found: " + e, e);
    }
  }

  /**
   * The newest snapshot that is whole. A damaged one is passed over with a warning.
   *
   * @param damaged receives a message for each snapshot that was passed over
   */
  public Optional<Snapshot> newest(List<String> damaged) {
    for (Path file : newestFirst()) {
      try {
        return Optional.of(read(file));
      } catch (AcclimateException e) {
        LOG.warn("{}; the snapshot before it is used", e.getMessage());
        damaged.add(e.getMessage());
      }
    }
    return Optional.empty();
  }

  /** The place of the oldest kept snapshot: records before it are not needed; 0 without any. */
  public long oldestSequence() {
    List<Path> files = newestFirst();
    return files.isEmpty() ? 0 : sequence(files.get(files.size() - 1));
  }

  /**
   * Reads one file.
   *
   * @throws AcclimateException when it is not a whole, unchanged snapshot
   */
  public static Snapshot read(Path file) {
    try {
      BodyReader in = new BodyReader(Files.readAllBytes(file));
      BodyWriter copy = new BodyWriter();
      String magic = in.text();
      int version = in.integer();
      if (!magic.equals(MAGIC) || version != VERSION) {
        throw new AcclimateException(
            "%s: expected a snapshot of version %d, found %s %d"
                .formatted(file, VERSION, magic, version));
      }
      Snapshot snapshot = new Snapshot(in.wholeNumber(), in.text(), in.bytes());
      copy.text(magic).integer(version).wholeNumber(snapshot.sequence());
      copy.text(snapshot.stateHash()).bytes(snapshot.state());
      String checksum = in.text();
      if (!checksum.equals(ContentHash.sha256(copy.toBytes())) || in.remaining() > 0) {
        throw new AcclimateException(file + ": expected an unchanged snapshot, found other bytes");
      }
      return snapshot;
    } catch (DamagedRecordException e) {
      throw new AcclimateException(
          file + ": expected a whole snapshot, found: " + e.getMessage(), e);
    } catch (IOException e) {
      throw new AcclimateException(file + ": expected to read it, found: " + e, e);
    }
  }

  /** The files, the newest first. */
  public List<Path> newestFirst() {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      List<Path> found = new ArrayList<>(files.filter(file -> sequence(file) >= 0).toList());
      found.sort(Comparator.comparingLong(SnapshotStore::sequence).reversed());
      return found;
    } catch (IOException e) {
      throw new AcclimateException(folder + ": expected to list it, found: " + e, e);
    }
  }

  private static long sequence(Path file) {
    Matcher name = NAME.matcher(file.getFileName().toString());
    return name.matches() ? Long.parseLong(name.group(1)) : -1;
  }
}
