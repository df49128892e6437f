package io.acclimate.replay.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigFactory;
import io.acclimate.replay.codec.EventSamples;
import io.acclimate.replay.codec.JournalRecord;
import io.acclimate.replay.event.BatchObserved;
import io.acclimate.replay.event.JournalEvent;
import io.acclimate.replay.event.MethodReset;
import io.acclimate.replay.event.RecordsOmitted;
import io.acclimate.runtime.AcclimateException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChronicleJournalTest {
  static final long MINUTE = 60_000;

  @TempDir Path folder;
  final AtomicLong now = new AtomicLong(1_700_000_000_000L);

  static JournalSettings settings(String... lines) {
    return JournalSettings.of(
        ConfigFactory.parseString(
            "min-free-bytes = 0\nroll-cycle = minute\n" + String.join("\n", lines)));
  }

  ChronicleJournal open(String... lines) {
    return ChronicleJournal.open(folder, settings(lines), now::get, DiskSpace::new);
  }

  static List<JournalRecord> readAll(JournalView journal, long from) {
    List<JournalRecord> records = new ArrayList<>();
    try (JournalReader reader = journal.reader(from)) {
      for (Optional<JournalRecord> next = reader.next(); next.isPresent(); next = reader.next()) {
        records.add(next.get());
      }
    }
    return records;
  }

  static JournalEvent event(long number) {
    return new MethodReset("stream", "reset " + number);
  }

  @ParameterizedTest
  @ValueSource(strings = {"none", "roll", "sync-every 3", "sync-each"})
  void whatIsAppendedIsReadAgain(String durability) {
    try (ChronicleJournal journal = open("payload = input", "durability = " + durability)) {
      for (JournalEvent event : EventSamples.all().subList(0, 12)) {
        journal.append(event);
      }
    }
    try (JournalView journal = ChronicleJournal.openReadOnly(folder)) {
      List<JournalRecord> records = readAll(journal, 0);
      assertEquals(
          EventSamples.all().subList(0, 12), records.stream().map(JournalRecord::event).toList());
      assertEquals(0, journal.firstSequence());
      assertEquals(12, journal.nextSequence());
    }
  }

  @Test
  void goesOnAfterReopeningAndAcrossFiles() {
    for (int session = 0; session < 3; session++) {
      try (ChronicleJournal journal = open()) {
        for (int i = 0; i < 100; i++) {
          assertEquals(100 * session + i, journal.append(event(100 * session + i)));
          now.addAndGet(MINUTE / 40);
        }
      }
    }
    try (ChronicleJournal journal = open()) {
      assertTrue(QueueFiles.list(folder).size() > 5);
      for (long from : new long[] {0, 1, 99, 150, 299}) {
        List<JournalRecord> records = readAll(journal, from);
        assertEquals(300 - from, records.size());
        for (int i = 0; i < records.size(); i++) {
          assertEquals(from + i, records.get(i).sequence());
          assertEquals(event(from + i), records.get(i).event());
        }
      }
      assertEquals(List.of(), readAll(journal, 300));
    }
  }

  @Test
  void aReaderFollowsTheWriter() {
    try (ChronicleJournal journal = open();
        JournalReader reader = journal.reader(0);
        JournalView other = ChronicleJournal.openReadOnly(folder)) {
      assertEquals(Optional.empty(), reader.next());
      journal.append(event(0));
      try (JournalReader second = other.reader(0)) {
        assertEquals(event(0), reader.next().orElseThrow().event());
        assertEquals(event(0), second.next().orElseThrow().event());
        now.addAndGet(3 * MINUTE);
        journal.append(event(1));
        assertEquals(event(1), reader.next().orElseThrow().event());
        assertEquals(event(1), second.next().orElseThrow().event());
        assertEquals(Optional.empty(), reader.next());
      }
    }
  }

  @Test
  void everySizeOfRecordFits() {
    try (ChronicleJournal journal = open()) {
      String text = "x".repeat(3_000_000);
      for (int length = 0; length < 5000; length++) {
        journal.append(new MethodReset("s", text.substring(0, length)));
      }
      for (int i = 0; i < 40; i++) {
        journal.append(new MethodReset("s", text));
      }
      assertThrows(
          AcclimateException.class,
          () -> journal.append(new MethodReset("s", "x".repeat(17_000_000))));
      journal.append(event(1));
      assertEquals(5041, readAll(journal, 0).size());
    }
  }

  @Test
  void featureOnlyModeKeepsInputsOffTheDisk() {
    try (ChronicleJournal journal = open("payload = features")) {
      journal.append(EventSamples.observed(0));
      BatchObserved kept = (BatchObserved) readAll(journal, 0).get(0).event();
      assertEquals(Optional.empty(), kept.input());
      assertEquals(EventSamples.observed(0).features(), kept.features());
    }
  }

  @Test
  void compressionIsTransparent() {
    try (ChronicleJournal journal = open("compress = true", "payload = input")) {
      for (JournalEvent event : EventSamples.all().subList(0, 12)) {
        journal.append(event);
      }
      assertEquals(
          EventSamples.all().subList(0, 12),
          readAll(journal, 0).stream().map(JournalRecord::event).toList());
    }
  }

  @Test
  void expiredContentsAreWithheld() {
    try (ChronicleJournal journal = open("expiry-minutes = 10")) {
      journal.append(EventSamples.observed(0));
      journal.append(event(1));
      assertEquals(2, readAll(journal, 0).size());
      now.addAndGet(10 * MINUTE);
      List<JournalRecord> records = readAll(journal, 0);
      assertEquals(new RecordsOmitted(0, "expired", true), records.get(0).event());
      assertEquals(event(1), records.get(1).event());
    }
  }

  @Test
  void retentionKeepsWhatASnapshotNeeds() {
    try (ChronicleJournal journal = open("retention.max-age-minutes = 5")) {
      for (int i = 0; i < 20; i++) {
        journal.append(event(i));
        now.addAndGet(MINUTE);
      }
      assertEquals(0, journal.firstSequence());
      journal.keepFrom(7);
      assertEquals(7, journal.firstSequence());
      assertEquals(13, readAll(journal, 0).size());
      journal.keepFrom(20);
      long first = journal.firstSequence();
      assertTrue(first >= 14 && first <= 16, "first: " + first);
      assertEquals(first, readAll(journal, 0).get(0).sequence());
    }
    try (ChronicleJournal journal = open("retention.max-bytes = 1")) {
      journal.keepFrom(20);
      assertEquals(1, QueueFiles.list(folder).size());
      journal.append(event(20));
      assertEquals(20, readAll(journal, 20).get(0).sequence());
    }
  }

  @Test
  void durabilityIsKept() {
    try (ChronicleJournal journal = open("durability = sync-every 3")) {
      for (int i = 0; i < 20; i++) {
        journal.append(event(i));
        assertTrue(i - journal.stats().syncedSequence() < 3);
      }
    }
    try (ChronicleJournal journal = open("durability = sync-each")) {
      long sequence = journal.append(event(20));
      assertEquals(sequence, journal.stats().syncedSequence());
    }
    try (ChronicleJournal journal = open("durability = roll")) {
      journal.append(event(21));
      now.addAndGet(2 * MINUTE);
      long sequence = journal.append(event(22));
      assertEquals(sequence - 1, journal.stats().syncedSequence());
      assertEquals(1, journal.stats().syncs());
    }
    try (ChronicleJournal journal = open("durability = none")) {
      journal.append(event(23));
      now.addAndGet(2 * MINUTE);
      journal.append(event(24));
      assertEquals(0, journal.stats().syncs());
      journal.sync();
      assertEquals(1, journal.stats().syncs());
    }
  }

  @Test
  void aSecondWriterIsRefused() {
    try (ChronicleJournal journal = open()) {
      journal.append(event(0));
      AcclimateException refused = assertThrows(AcclimateException.class, () -> open());
      String pid = Long.toString(ProcessHandle.current().pid());
      assertTrue(refused.getMessage().contains("process " + pid), refused.getMessage());
      journal.append(event(1));
    }
    try (ChronicleJournal journal = open()) {
      assertEquals(2, journal.nextSequence());
    }
  }

  @Test
  void aClockThatGoesBackChangesNothing() {
    long start = now.get();
    try (ChronicleJournal journal = open()) {
      journal.append(event(0));
      now.addAndGet(-10 * MINUTE);
      journal.append(event(1));
    }
    now.addAndGet(-100 * MINUTE);
    try (ChronicleJournal journal = open()) {
      journal.append(event(2));
      List<JournalRecord> records = readAll(journal, 0);
      assertEquals(3, records.size());
      assertTrue(records.stream().allMatch(record -> record.timeMillis() == start));
      now.set(start + 2 * MINUTE);
      journal.append(event(3));
      assertEquals(start + 2 * MINUTE, readAll(journal, 3).get(0).timeMillis());
    }
  }

  @Test
  void badSettingsAreListedTogether() {
    AcclimateException refused =
        assertThrows(
            AcclimateException.class,
            () -> settings("durability = sometimes", "when-full = wait", "shards = 3"));
    assertTrue(refused.getMessage().contains("none | roll | sync-every N | sync-each"));
    assertTrue(refused.getMessage().contains("continue | stop"));
    assertTrue(refused.getMessage().contains("unknown setting"));
  }

  @Test
  void aFolderWithoutAJournalIsRefused() {
    AcclimateException refused =
        assertThrows(AcclimateException.class, () -> ChronicleJournal.openReadOnly(folder));
    assertTrue(refused.getMessage().contains("expected a journal's folder"));
    refused =
        assertThrows(
            AcclimateException.class,
            () ->
                JournalCompactor.compact(
                    folder, RollCycleChoice.DAY, new JournalCompactor.Options(0, false, false)));
    assertTrue(refused.getMessage().contains("expected a journal's folder"));
    assertEquals(0, folder.toFile().list().length, "nothing is left in somebody else's folder");
  }
}
