package io.acclimate.replay.recovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigFactory;
import io.acclimate.replay.codec.BodyReader;
import io.acclimate.replay.codec.BodyWriter;
import io.acclimate.replay.codec.JournalRecord;
import io.acclimate.replay.event.AdaptationStep;
import io.acclimate.replay.event.EventsDropped;
import io.acclimate.replay.event.JournalEvent;
import io.acclimate.replay.journal.ChronicleJournal;
import io.acclimate.replay.journal.InMemoryJournal;
import io.acclimate.replay.journal.Journal;
import io.acclimate.replay.journal.JournalSettings;
import io.acclimate.runtime.AcclimateException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecoveryTest {
  /** A state in which the order of the steps matters to the last bit. */
  static final class Learner implements Recoverable {
    private double weight = 1;
    private long steps;

    @Override
    public byte[] save() {
      return new BodyWriter().number(weight).wholeNumber(steps).toBytes();
    }

    @Override
    public void restore(byte[] state) {
      BodyReader in = new BodyReader(state);
      weight = in.number();
      steps = in.wholeNumber();
    }

    @Override
    public void apply(JournalRecord record) {
      apply(record.event());
    }

    void apply(JournalEvent event) {
      if (event instanceof AdaptationStep step) {
        weight = weight * 0.999 + Math.sin(step.loss());
        steps++;
      }
    }
  }

  @TempDir Path folder;

  private static JournalSettings settings(String... lines) {
    return JournalSettings.of(
        ConfigFactory.parseString("min-free-bytes = 0\n" + String.join("\n", lines)));
  }

  private static JournalEvent step(long number) {
    return new AdaptationStep("s", "m", number, 0.1 * number, "");
  }

  private static void learn(Journal journal, SnapshotStore snapshots, Learner state, int steps) {
    for (int i = 0; i < steps; i++) {
      JournalEvent event = step(state.steps);
      journal.append(event);
      state.apply(event);
      if (state.steps % 10 == 0) {
        Recovery.snapshot(journal, snapshots, state);
      }
    }
  }

  private static String uninterrupted(int steps) {
    Learner state = new Learner();
    for (int i = 0; i < steps; i++) {
      state.apply(step(i));
    }
    return state.stateHash();
  }

  @Test
  void resumingAgainAndAgainGivesTheStateOfOneRun() {
    SnapshotStore snapshots = new SnapshotStore(folder, 2);
    for (int session = 1; session <= 6; session++) {
      try (Journal journal = ChronicleJournal.open(folder, settings())) {
        Learner state = new Learner();
        Recovery.Report report = Recovery.resume(journal, snapshots, state);
        assertEquals(uninterrupted(7 * (session - 1)), report.stateHash());
        assertEquals(journal.nextSequence(), report.nextSequence());
        learn(journal, snapshots, state, 7);
      }
    }
    assertEquals(2, snapshots.newestFirst().size());
    try (Journal journal = ChronicleJournal.open(folder, settings())) {
      Recovery.Report report = Recovery.rederive(journal, new Learner());
      assertEquals(uninterrupted(42), report.stateHash());
      assertEquals(4, report.hashesChecked());
    }
  }

  @Test
  void aDamagedSnapshotFallsBackToTheOneBefore() throws IOException {
    SnapshotStore snapshots = new SnapshotStore(folder, 3);
    try (Journal journal = ChronicleJournal.open(folder, settings())) {
      learn(journal, snapshots, new Learner(), 35);
      List<Path> files = snapshots.newestFirst();
      byte[] newest = Files.readAllBytes(files.get(0));
      for (int at = 0; at < newest.length; at++) {
        byte[] damaged = newest.clone();
        damaged[at] ^= 1;
        Files.write(files.get(0), damaged);
        List<String> passed = new ArrayList<>();
        assertEquals(22 - 1, snapshots.newest(passed).orElseThrow().sequence(), "byte " + at);
        assertEquals(1, passed.size());
      }
      Files.write(files.get(0), new byte[0]);
      Files.delete(files.get(1));
      Recovery.Report report = Recovery.resume(journal, snapshots, new Learner());
      assertEquals(uninterrupted(35), report.stateHash());
      assertEquals(10, report.snapshotSequence());
      assertEquals(1, report.damagedSnapshots().size());
    }
  }

  @Test
  void whatIsMissingIsSaid() {
    SnapshotStore snapshots = new SnapshotStore(folder, 2);
    try (Journal journal = new InMemoryJournal(100)) {
      journal.append(step(0));
      journal.append(new EventsDropped(3, "the disk was full"));
      assertTrue(message(journal, snapshots).contains("3 before record 1 were not recorded"));
      journal.keepFrom(2);
      journal.append(step(1));
      assertTrue(message(journal, snapshots).contains("beginning with record 2"));
    }
    try (Journal journal = new InMemoryJournal(100)) {
      journal.append(step(0), 1);
      assertTrue(message(journal, snapshots).contains("expired"));
    }
  }

  private static String message(Journal journal, SnapshotStore snapshots) {
    return assertThrows(
            AcclimateException.class, () -> Recovery.resume(journal, snapshots, new Learner()))
        .getMessage();
  }

  @Test
  void aReplayThatIsNotTheSameIsNoticed() {
    SnapshotStore snapshots = new SnapshotStore(folder, 2);
    try (Journal journal = ChronicleJournal.open(folder, settings())) {
      learn(journal, snapshots, new Learner(), 10);
      Learner other = new Learner();
      other.weight = 1.5;
      AcclimateException refused =
          assertThrows(AcclimateException.class, () -> Recovery.rederive(journal, other));
      assertTrue(refused.getMessage().contains("expected hash"), refused.getMessage());
    }
  }

  @Test
  void retentionFollowsTheSnapshots() {
    SnapshotStore snapshots = new SnapshotStore(folder, 2);
    try (InMemoryJournal journal = new InMemoryJournal(1000)) {
      Learner state = new Learner();
      learn(journal, snapshots, state, 35);
      assertEquals(snapshots.oldestSequence(), journal.firstSequence());
      assertEquals(
          state.stateHash(), Recovery.resume(journal, snapshots, new Learner()).stateHash());
      assertEquals(Optional.empty(), journal.reader(journal.nextSequence()).next());
    }
  }
}
