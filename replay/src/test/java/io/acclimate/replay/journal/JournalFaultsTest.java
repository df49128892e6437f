package io.acclimate.replay.journal;

import static io.acclimate.replay.journal.ChronicleJournalTest.event;
import static io.acclimate.replay.journal.ChronicleJournalTest.readAll;
import static io.acclimate.replay.journal.ChronicleJournalTest.settings;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.acclimate.replay.codec.DamagedRecordException;
import io.acclimate.replay.codec.JournalRecord;
import io.acclimate.replay.event.EventsDropped;
import io.acclimate.replay.event.MethodReset;
import io.acclimate.replay.event.RecordsOmitted;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.SeedTree;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.commons.rng.UniformRandomProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalFaultsTest {
  private static final long MINUTE = 60_000;
  private static final int PER_FILE = 20;

  @TempDir Path folder;
  private final AtomicLong now = new AtomicLong(1_700_000_000_000L);

  private ChronicleJournal open(String... lines) {
    return ChronicleJournal.open(folder, settings(lines), now::get, DiskSpace::new);
  }

  /** Writes files of 20 records each. */
  private void fill(int files, String... lines) {
    try (ChronicleJournal journal = open(lines)) {
      for (int i = 0; i < files * PER_FILE; i++) {
        journal.append(event(i));
        if (i % PER_FILE == PER_FILE - 1) {
          now.addAndGet(MINUTE);
        }
      }
    }
  }

  private static long find(Path file, String text) throws IOException {
    byte[] all = Files.readAllBytes(file);
    byte[] wanted = text.getBytes(StandardCharsets.UTF_8);
    for (int at = 0; at < all.length - wanted.length; at++) {
      int k = 0;
      while (k < wanted.length && all[at + k] == wanted[k]) {
        k++;
      }
      if (k == wanted.length) {
        return at;
      }
    }
    throw new IllegalStateException(text + " is not in " + file);
  }

  private static void flip(Path file, long at) throws IOException {
    try (RandomAccessFile raw = new RandomAccessFile(file.toFile(), "rw")) {
      raw.seek(at);
      int value = raw.read();
      raw.seek(at);
      raw.write(value ^ 0x10);
    }
  }

  /** Copies the state that a kill would leave: everything but what closing does. */
  private Path killed(ChronicleJournal journal) throws IOException {
    Path copy = folder.resolveSibling(folder.getFileName() + "-killed");
    for (String name : List.of("", "records")) {
      Files.createDirectories(copy.resolve(name));
    }
    for (String name : List.of("journal.mark", "records/metadata.cq4t")) {
      Files.copy(folder.resolve(name), copy.resolve(name));
    }
    for (Path file : QueueFiles.list(folder)) {
      Files.copy(file, copy.resolve("records").resolve(file.getFileName()));
    }
    assertTrue(journal.nextSequence() > 0);
    return copy;
  }

  @Test
  void aCutOffLastRecordIsTheOnlyLoss() throws IOException {
    Path copy;
    try (ChronicleJournal journal = open("durability = none")) {
      for (int i = 0; i < 10; i++) {
        journal.append(event(i));
      }
      copy = killed(journal);
    }
    Path file = QueueFiles.list(copy).get(0);
    try (FileChannel channel = FileChannel.open(file, java.nio.file.StandardOpenOption.WRITE)) {
      channel.truncate(find(file, "reset 9") + 3);
    }
    JournalVerifier.Result result = JournalVerifier.verify(copy);
    assertEquals(9, result.records());
    assertFalse(result.isSound());
    try (ChronicleJournal journal =
        ChronicleJournal.open(copy, settings(), now::get, DiskSpace::new)) {
      assertEquals(10, journal.nextSequence());
      journal.append(event(10));
      List<JournalRecord> records = readAll(journal, 0);
      assertEquals(event(8), records.get(8).event());
      assertEquals(9, ((RecordsOmitted) records.get(9).event()).from());
      assertEquals(event(10), records.get(10).event());
    }
    assertTrue(JournalVerifier.verify(copy).isSound());
  }

  @Test
  void recordsThatWereOnTheDiskAreNotGivenUpSilently() throws IOException {
    fill(1, "durability = sync-each");
    Path file = QueueFiles.list(folder).get(0);
    flip(file, find(file, "reset 19"));
    AcclimateException refused = assertThrows(AcclimateException.class, () -> open());
    assertTrue(refused.getMessage().contains("records 19 to 19"), refused.getMessage());
    JournalCompactor.compact(
        folder, RollCycleChoice.MINUTE, new JournalCompactor.Options(0, true, false));
    try (ChronicleJournal journal = open()) {
      assertEquals(20, journal.nextSequence());
      assertEquals(new RecordsOmitted(19, "damaged", false), readAll(journal, 19).get(0).event());
    }
  }

  @Test
  void aFlippedByteInTheMiddleStopsTheReaderThere() throws IOException {
    fill(3);
    Path file = QueueFiles.list(folder).get(1);
    flip(file, find(file, "reset 25"));
    try (ChronicleJournal journal = open()) {
      try (JournalReader reader = journal.reader(0)) {
        for (int i = 0; i < 25; i++) {
          assertEquals(event(i), reader.next().orElseThrow().event());
        }
        DamagedRecordException stopped = assertThrows(DamagedRecordException.class, reader::next);
        assertTrue(stopped.getMessage().contains(file.getFileName().toString()));
        assertTrue(stopped.getMessage().contains("checksum"));
      }
      assertEquals(34, readAll(journal, 26).size());
    }
    AcclimateException refused =
        assertThrows(
            AcclimateException.class,
            () ->
                JournalCompactor.compact(
                    folder, RollCycleChoice.MINUTE, new JournalCompactor.Options(0, false, false)));
    assertTrue(refused.getMessage().contains("checksum"));
    JournalVerifier.Result kept =
        JournalCompactor.compact(
            folder, RollCycleChoice.MINUTE, new JournalCompactor.Options(0, true, false));
    assertTrue(kept.isSound());
    assertEquals(60, kept.records());
    assertEquals(1, kept.omitted());
    try (ChronicleJournal journal = open()) {
      assertEquals(new RecordsOmitted(25, "damaged", true), readAll(journal, 25).get(0).event());
    }
  }

  /** Wherever a byte changes: what is read is a part of what was written, in order. */
  @Test
  void flippedBytesAnywhereAreFoundOrHarmless() throws IOException {
    fill(2);
    Path file = QueueFiles.list(folder).get(0);
    long used = find(file, "reset 19") + 16;
    long first = find(file, "reset 0") - 64;
    UniformRandomProvider random = SeedTree.of(7).child("flips").generator();
    int found = 0;
    for (int trial = 0; trial < 150; trial++) {
      long start = trial % 3 == 0 ? 0 : first;
      long at = start + random.nextLong(used - start);
      flip(file, at);
      try (JournalView journal = ChronicleJournal.openReadOnly(folder)) {
        List<JournalRecord> records = readAll(journal, 0);
        for (int i = 0; i < records.size(); i++) {
          assertEquals(event(i), records.get(i).event());
        }
        assertEquals(2 * PER_FILE, records.size());
      } catch (AcclimateException e) {
        found++;
        assertTrue(e.getMessage().contains(folder.toString()), e.getMessage());
      }
      flip(file, at);
    }
    assertTrue(found > 50, "found: " + found);
  }

  /** A process was killed while it began a file. */
  @Test
  void aFileThatWasNeverBegunIsNoObstacle() throws IOException {
    fill(2);
    Path begun = QueueFiles.list(folder).get(1);
    Path unbegun = begun.resolveSibling("20231114-2216.cq4");
    for (int header : new int[] {0, 0x80000000, 0xC0000000}) {
      try (RandomAccessFile raw = new RandomAccessFile(unbegun.toFile(), "rw")) {
        raw.setLength(Files.size(begun));
        raw.writeInt(Integer.reverseBytes(header));
      }
      assertEquals(40, JournalVerifier.verify(folder).records());
      try (ChronicleJournal journal = open()) {
        assertFalse(Files.exists(unbegun));
        assertEquals(40, readAll(journal, 0).size());
      }
    }
    now.addAndGet(10 * MINUTE);
    try (ChronicleJournal journal = open()) {
      assertEquals(40, journal.append(event(40)));
      assertEquals(41, readAll(journal, 0).size());
    }
  }

  @Test
  void aMissingFileIsNamedByItsRecords() throws IOException {
    fill(3);
    Files.delete(QueueFiles.list(folder).get(1));
    try (ChronicleJournal journal = open()) {
      DamagedRecordException stopped =
          assertThrows(DamagedRecordException.class, () -> readAll(journal, 0));
      assertTrue(
          stopped.getMessage().contains("expected record 20, found record 40"),
          stopped.getMessage());
    }
    assertEquals(1, JournalVerifier.verify(folder).faultCount());
  }

  @Test
  void aMissingLastFileIsNamedByItsRecords() throws IOException {
    fill(3);
    Files.delete(QueueFiles.list(folder).get(2));
    AcclimateException refused = assertThrows(AcclimateException.class, () -> open());
    assertTrue(refused.getMessage().contains("records 40 to 59"), refused.getMessage());
    JournalVerifier.Result result = JournalVerifier.verify(folder);
    assertTrue(result.faults().get(0).contains("40 to 59"), result.faults().toString());
  }

  /** A disk that takes nothing more while {@code full}. */
  private ChronicleJournal onDisk(AtomicBoolean full, String... lines) {
    return ChronicleJournal.open(
        folder,
        settings(lines),
        now::get,
        (place, free) ->
            new DiskSpace(place, free) {
              @Override
              long freeBytes() {
                return 100_000_000;
              }

              @Override
              int write(FileChannel to, ByteBuffer bytes, long position) throws IOException {
                if (full.get()) {
                  throw new IOException("No space left on device");
                }
                return super.write(to, bytes, position);
              }
            });
  }

  @Test
  void aFullDiskStopsOrIsGoneOnFrom() {
    AtomicBoolean full = new AtomicBoolean();
    MethodReset large = new MethodReset("s", "x".repeat(400_000));
    long kept = 0;
    try (ChronicleJournal journal = onDisk(full, "when-full = stop")) {
      journal.append(event(0));
      full.set(true);
      JournalFullException stopped = null;
      for (int i = 0; i < 10 && stopped == null; i++) {
        try {
          journal.append(large);
        } catch (JournalFullException e) {
          stopped = e;
        }
      }
      assertTrue(stopped.getMessage().contains("the disk is full: No space left on device"));
      kept = journal.nextSequence();
      full.set(false);
      assertEquals(kept, journal.append(event(1)));
    }
    try (ChronicleJournal journal = onDisk(full, "when-full = continue")) {
      journal.append(large);
      full.set(true);
      int missing = 0;
      while (missing < 5) {
        missing += journal.append(large) == Journal.NOT_RECORDED ? 1 : 0;
      }
      assertEquals(5, journal.stats().dropped());
      long next = journal.nextSequence();
      full.set(false);
      assertEquals(next + 1, journal.append(event(2)));
      assertEquals(
          new EventsDropped(5, "the disk was full"), readAll(journal, next).get(0).event());
    }
    assertTrue(JournalVerifier.verify(folder).isSound());
  }

  /** A real small disk: a file system of 8 MB in memory, where the test may mount one. */
  @Test
  void aRealFullDiskLosesNothing() throws Exception {
    Path mount = Files.createDirectory(folder.resolve("disk"));
    assumeTrue(run("mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", mount.toString()) == 0);
    try {
      MethodReset large = new MethodReset("s", "x".repeat(30_000));
      long next = 0;
      try (ChronicleJournal journal =
          ChronicleJournal.open(mount, settings(), now::get, DiskSpace::new)) {
        JournalFullException stopped = null;
        while (stopped == null) {
          try {
            next = journal.append(large) + 1;
          } catch (JournalFullException e) {
            stopped = e;
          }
        }
        assertTrue(next > 100, "records: " + next);
        assertEquals(next, journal.nextSequence());
        assertEquals(next, readAll(journal, 0).size());
      }
      assertTrue(JournalVerifier.verify(mount).isSound());
    } finally {
      assertEquals(0, run("umount", "-l", mount.toString()));
    }
  }

  private static int run(String... command) throws Exception {
    try {
      return new ProcessBuilder(command).start().waitFor();
    } catch (IOException e) {
      return -1; // no such program
    }
  }

  @Test
  void spaceToBeLeftFreeIsLeftFree() {
    JournalFullException refused =
        assertThrows(
            JournalFullException.class,
            () ->
                ChronicleJournal.open(
                    folder,
                    settings("min-free-bytes = " + (Long.MAX_VALUE >> 11)),
                    now::get,
                    DiskSpace::new));
    assertTrue(refused.getMessage().contains("to be left free"), refused.getMessage());
  }

  @Test
  void aFileInTheFoldersPlaceIsRefused() throws IOException {
    Path file = Files.writeString(folder.resolve("taken"), "no journal");
    AcclimateException refused =
        assertThrows(AcclimateException.class, () -> ChronicleJournal.open(file, settings()));
    assertTrue(refused.getMessage().contains("expected a folder to write to"));
    assertEquals("no journal", Files.readString(file));
  }

  @Test
  void compactingForgetsWhatHasExpired() {
    try (ChronicleJournal journal = open()) {
      journal.append(event(0), now.get() + 1);
      journal.append(event(1), now.get() + 2);
      journal.append(event(2));
      journal.append(event(3), Long.MAX_VALUE);
    }
    JournalVerifier.Result kept =
        JournalCompactor.compact(
            folder, RollCycleChoice.MINUTE, new JournalCompactor.Options(0, false, true));
    assertEquals(2, kept.omitted());
    try (ChronicleJournal journal = open()) {
      List<JournalRecord> records = readAll(journal, 0);
      assertEquals(new RecordsOmitted(0, "expired", true), records.get(0).event());
      assertEquals(1, records.get(0).sequence());
      assertEquals(event(2), records.get(1).event());
      assertEquals(event(3), records.get(2).event());
      assertEquals(4, journal.append(event(4)));
    }
    JournalCompactor.compact(
        folder, RollCycleChoice.MINUTE, new JournalCompactor.Options(3, false, false));
    try (ChronicleJournal journal = open()) {
      assertEquals(3, journal.firstSequence());
      assertEquals(2, readAll(journal, 0).size());
    }
  }
}
