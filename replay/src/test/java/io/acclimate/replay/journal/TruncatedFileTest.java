package io.acclimate.replay.journal;

import static io.acclimate.replay.journal.ChronicleJournalTest.event;
import static io.acclimate.replay.journal.ChronicleJournalTest.readAll;
import static io.acclimate.replay.journal.ChronicleJournalTest.settings;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.acclimate.replay.event.RecordsOmitted;
import io.acclimate.runtime.AcclimateException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files of records that were cut off, as by a copy that was not finished. */
class TruncatedFileTest {
  private static final int PER_FILE = 3000;

  @TempDir Path folder;
  private final AtomicLong now = new AtomicLong(1_700_000_000_000L);

  private ChronicleJournal open() {
    return ChronicleJournal.open(folder, settings("durability = none"), now::get, DiskSpace::new);
  }

  private void fill() {
    try (ChronicleJournal journal = open()) {
      for (int i = 0; i < 3 * PER_FILE; i++) {
        journal.append(event(i));
        if (i % PER_FILE == PER_FILE - 1) {
          now.addAndGet(60_000);
        }
      }
    }
  }

  private Path cut(int number, long length) throws IOException {
    Path file = QueueFiles.list(folder).get(number);
    try (RandomAccessFile raw = new RandomAccessFile(file.toFile(), "rw")) {
      raw.setLength(length);
    }
    return file;
  }

  private void requireRefused(Path file, long length, Executable opening) {
    AcclimateException refused = assertThrows(AcclimateException.class, opening);
    String message = refused.getMessage();
    assertTrue(message.startsWith(file + ": expected at least "), message);
    assertTrue(message.contains("found " + length + ": it was cut off"), message);
  }

  private void compact(boolean dropDamaged) {
    JournalCompactor.compact(
        folder, RollCycleChoice.MINUTE, new JournalCompactor.Options(0, dropDamaged, false));
  }

  @ParameterizedTest
  @ValueSource(longs = {4, 100, 300, 4096, 5000, 65_536, 131_072, 200_000})
  void isRefusedByItsName(long length) throws IOException {
    fill();
    for (int number : new int[] {2, 1}) {
      Path file = cut(number, length);
      requireRefused(file, length, this::open);
      requireRefused(file, length, () -> JournalVerifier.verify(folder));
      requireRefused(file, length, () -> ChronicleJournal.openReadOnly(folder));
      requireRefused(file, length, () -> compact(false));
      assertEquals(length, Files.size(file), "nobody touched it");
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {100, 65_536, 131_072})
  void whatCanBeReadIsKept(long length) throws IOException {
    fill();
    cut(1, length);
    compact(true);
    assertTrue(JournalVerifier.verify(folder).isSound());
    try (ChronicleJournal journal = open()) {
      assertEquals(3 * PER_FILE, journal.nextSequence());
      long lost = -1;
      for (var record : readAll(journal, 0)) {
        if (record.event() instanceof RecordsOmitted omitted) {
          lost = omitted.from();
          assertEquals(2 * PER_FILE - 1, record.sequence());
        } else {
          assertEquals(event((int) record.sequence()), record.event());
        }
      }
      assertTrue(length == 100 ? lost == PER_FILE : lost > PER_FILE, "lost from " + lost);
      journal.append(event(0));
    }
  }

  @Test
  void anEmptyFileIsToldByItsRecords() throws IOException {
    fill();
    cut(2, 0);
    AcclimateException refused = assertThrows(AcclimateException.class, this::open);
    assertTrue(refused.getMessage().contains("records 6000 to 8999"), refused.getMessage());
  }

  @Test
  void theOnlyFileEmptyIsToldByItsRecords() throws IOException {
    try (ChronicleJournal journal = open()) {
      journal.append(event(0));
    }
    cut(0, 0);
    AcclimateException refused = assertThrows(AcclimateException.class, this::open);
    assertTrue(refused.getMessage().contains("records 0 to 0"), refused.getMessage());
  }

  private Path list() {
    return QueueFiles.records(folder).resolve("metadata.cq4t");
  }

  private void requireListRefused(long length, Executable opening) {
    String message = assertThrows(AcclimateException.class, opening).getMessage();
    assertTrue(message.startsWith(list() + ": expected the list of the journal's"), message);
    assertTrue(message.contains("found " + length + " bytes"), message);
    assertTrue(message.contains("'journal compact --drop-damaged' writes it anew"), message);
  }

  /** A kill or a full disk as it was begun leaves it empty, or filled with zeros. */
  @ParameterizedTest
  @CsvSource({"0, true", "2, true", "100, true", "131072, false"})
  void theListOfTheFilesIsNamedAndWrittenAnew(int length, boolean cut) throws IOException {
    fill();
    byte[] whole = Files.readAllBytes(list());
    Files.write(list(), cut ? Arrays.copyOf(whole, length) : new byte[length]);
    requireListRefused(length, () -> JournalVerifier.verify(folder));
    requireListRefused(length, () -> ChronicleJournal.openReadOnly(folder));
    requireListRefused(length, this::open);
    requireListRefused(length, () -> compact(false));
    assertEquals(length, Files.size(list()), "nobody touched it");
    compact(true);
    assertEquals(3 * PER_FILE, JournalVerifier.verify(folder).records());
    try (ChronicleJournal journal = open()) {
      assertEquals(3 * PER_FILE, journal.append(event(0)));
    }
  }

  /** Killed before its first record a process leaves nothing that is missed. */
  @Test
  void anEmptyListWithoutRecordsIsBegunAnew() throws IOException {
    open().close();
    assertEquals(List.of(), QueueFiles.list(folder));
    Files.write(list(), new byte[0]);
    requireListRefused(0, () -> JournalVerifier.verify(folder));
    try (ChronicleJournal journal = open()) {
      assertEquals(0, journal.append(event(0)));
    }
    assertTrue(JournalVerifier.verify(folder).isSound());
  }
}
