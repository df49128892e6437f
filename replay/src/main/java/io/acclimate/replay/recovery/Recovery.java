package io.acclimate.replay.recovery;

import io.acclimate.replay.codec.JournalRecord;
import io.acclimate.replay.event.EventsDropped;
import io.acclimate.replay.event.RecordsOmitted;
import io.acclimate.replay.event.SnapshotTaken;
import io.acclimate.replay.journal.Journal;
import io.acclimate.replay.journal.JournalReader;
import io.acclimate.replay.journal.JournalView;
import io.acclimate.runtime.AcclimateException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Brings state back from a journal and its snapshots. Each record after the snapshot is applied
 * once and in order; a record that is missing, damaged or expired there ends it with an error,
 * because the state would be another one.
 */
public final class Recovery {
  private Recovery() {}

  /**
   * What was done.
   *
   * @param snapshotSequence the place of the snapshot that was used; 0 without one
   * @param replayed how many records were applied
   * @param nextSequence the first record that would come next
   * @param stateHash SHA-256 of the state
   * @param hashesChecked how many hashes noted in the journal were compared on the way
   * @param damagedSnapshots a message for each snapshot that was passed over
   */
  public record Report(
      long snapshotSequence,
      long replayed,
      long nextSequence,
      String stateHash,
      int hashesChecked,
      List<String> damagedSnapshots) {}

  /**
   * Restores the newest valid snapshot and replays what came after it.
   *
   * @throws AcclimateException when the state cannot be had exactly; the message says why
   */
  public static Report resume(JournalView journal, SnapshotStore snapshots, Recoverable state) {
    List<String> damaged = new ArrayList<>();
    Optional<Snapshot> snapshot = snapshots.newest(damaged);
    if (snapshot.isPresent()) {
      state.restore(snapshot.get().state());
      requireHash(state, snapshot.get().sequence(), snapshot.get().stateHash());
    }
    return replay(journal, snapshot.map(Snapshot::sequence).orElse(0L), state, damaged);
  }

  /**
   * Derives the state from the whole journal, without snapshots.
   *
   * @throws AcclimateException when the journal does not go back to its beginning, or the state
   *     cannot be had exactly
   */
  public static Report rederive(JournalView journal, Recoverable state) {
    return replay(journal, 0, state, List.of());
  }

  private static Report replay(
      JournalView journal, long from, Recoverable state, List<String> damaged) {
    if (journal.firstSequence() > from) {
      throw new AcclimateException(
          "expected records from %d on to replay, found the journal beginning with record %d"
              .formatted(from, journal.firstSequence()));
    }
    long replayed = 0;
    long next = from;
    int checked = 0;
    try (JournalReader reader = journal.reader(from)) {
      for (Optional<JournalRecord> found = reader.next();
          found.isPresent();
          found = reader.next()) {
        JournalRecord record = found.get();
        requireDerivable(record);
        if (record.event() instanceof SnapshotTaken taken && taken.sequence() == next) {
          requireHash(state, next, taken.stateHash());
          checked++;
        }
        state.apply(record);
        next = record.sequence() + 1;
        replayed++;
      }
    }
    return new Report(from, replayed, next, state.stateHash(), checked, List.copyOf(damaged));
  }

  private static void requireDerivable(JournalRecord record) {
    if (record.event() instanceof RecordsOmitted omitted && omitted.needed()) {
      throw new AcclimateException(
          "expected records %d to %d to replay, found them gone: %s; a newer snapshot is needed"
              .formatted(omitted.from(), record.sequence(), omitted.reason()));
    }
    if (record.event() instanceof EventsDropped dropped) {
      throw new AcclimateException(
          "expected all events to replay, found that %d before record %d were not recorded: %s"
              .formatted(dropped.count(), record.sequence(), dropped.reason()));
    }
  }

  private static void requireHash(Recoverable state, long sequence, String expected) {
    String found = state.stateHash();
    if (!found.equals(expected)) {
      throw new AcclimateException(
          "state before record %d: expected hash %s, found %s"
              .formatted(sequence, expected, found));
    }
  }

  /**
   * Takes a snapshot of a state that holds every record so far, and lets retention forget what no
   * snapshot needs.
   *
   * @return the snapshot's place
   */
  public static long snapshot(Journal journal, SnapshotStore snapshots, Recoverable state) {
    journal.sync();
    Snapshot snapshot = new Snapshot(journal.nextSequence(), state.stateHash(), state.save());
    snapshots.write(snapshot);
    journal.append(new SnapshotTaken(snapshot.sequence(), snapshot.stateHash()));
    journal.keepFrom(snapshots.oldestSequence());
    return snapshot.sequence();
  }
}
