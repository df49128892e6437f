package io.acclimate.actors;

import io.acclimate.replay.event.RunStarted;
import io.acclimate.replay.journal.ChronicleJournal;
import io.acclimate.replay.journal.Journal;
import io.acclimate.replay.journal.JournalSettings;
import io.acclimate.replay.journal.JournalView;
import io.acclimate.replay.recovery.Recovery;
import io.acclimate.replay.recovery.SnapshotStore;
import io.acclimate.runtime.FrozenModel;
import java.nio.file.Path;
import java.util.List;

/**
 * A journal on disk that an {@link AdaptiveRuntime} writes to, and the state that was brought back
 * from it. Open one, hand it to {@link AdaptiveRuntime#start(FrozenModel, RuntimeSettings,
 * RuntimeJournal)}, which closes it with itself.
 */
public final class RuntimeJournal {
  private static final int SNAPSHOTS = 3;

  private final Journal journal;
  private final SnapshotStore snapshots;
  private final JournalSettings settings;
  private final JournalPort port;
  private final RuntimeState state;
  private final List<StreamState> restored;
  private final Recovery.Report recovery;

  private RuntimeJournal(
      Journal journal, SnapshotStore snapshots, JournalSettings settings, ServedModel model) {
    this.journal = journal;
    this.snapshots = snapshots;
    this.settings = settings;
    this.port = new JournalPort(settings.queueCapacity());
    this.state = new RuntimeState(model);
    this.recovery = Recovery.resume(journal, snapshots, state);
    this.restored = state.states();
  }

  /**
   * Opens or creates a journal and brings back what its streams had learned.
   *
   * @param folder the journal's folder
   * @throws io.acclimate.runtime.AcclimateException when it cannot be opened, belongs to another
   *     model, or the state cannot be had exactly
   */
  public static RuntimeJournal open(
      Path folder, JournalSettings settings, FrozenModel model, RuntimeSettings runtime) {
    Journal journal = ChronicleJournal.open(folder, settings);
    try {
      return new RuntimeJournal(
          journal, new SnapshotStore(folder, SNAPSHOTS), settings, new ServedModel(model, runtime));
    } catch (RuntimeException e) {
      journal.close();
      throw e;
    }
  }

  /**
   * What a replay came to.
   *
   * @param report what was replayed
   * @param compared how many states of streams were compared with the hash noted in the journal
   */
  public record Replayed(Recovery.Report report, int compared) {}

  /**
   * Derives the state of all open streams from the records alone, without snapshots, comparing the
   * hashes on the way.
   *
   * @throws io.acclimate.runtime.AcclimateException when a hash differs, or records are missing
   */
  public static Replayed rederive(JournalView journal, FrozenModel model, RuntimeSettings runtime) {
    RuntimeState state = new RuntimeState(new ServedModel(model, runtime));
    return new Replayed(Recovery.rederive(journal, state), state.compared());
  }

  /** As {@link #rederive}, but from the newest valid snapshot on. */
  public static Replayed resume(
      JournalView journal, Path folder, FrozenModel model, RuntimeSettings runtime) {
    RuntimeState state = new RuntimeState(new ServedModel(model, runtime));
    Recovery.Report report = Recovery.resume(journal, new SnapshotStore(folder, SNAPSHOTS), state);
    return new Replayed(report, state.compared());
  }

  /** Notes in the journal that a run begins; before the runtime is started. */
  public void started(RunStarted run) {
    journal.append(run);
  }

  /** What was brought back. */
  public Recovery.Report recovery() {
    return recovery;
  }

  /** What can be read of the journal. */
  public JournalView view() {
    return journal;
  }

  /** Closes a journal that was not handed to a runtime. */
  public void abandon() {
    journal.close();
  }

  Journal journal() {
    return journal;
  }

  SnapshotStore snapshots() {
    return snapshots;
  }

  JournalSettings settings() {
    return settings;
  }

  JournalPort port() {
    return port;
  }

  RuntimeState state() {
    return state;
  }

  List<StreamState> restoredStates() {
    return restored;
  }
}
