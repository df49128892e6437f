package io.acclimate.actors;

import io.acclimate.replay.event.RunStarted;
import io.acclimate.replay.journal.ChronicleJournal;
import io.acclimate.replay.journal.Journal;
import io.acclimate.replay.journal.JournalSettings;
import io.acclimate.replay.journal.JournalView;
import io.acclimate.replay.recovery.Recovery;
import io.acclimate.replay.recovery.SnapshotStore;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.FrozenModel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A journal on disk that an {@link AdaptiveRuntime} writes to, and the state that was brought back
 * from it. Open one, hand it to {@link AdaptiveRuntime#start(FrozenModel, RuntimeSettings,
 * RuntimeJournal)}, which closes it with itself.
 *
 * <p>For one thread until it is handed over; {@link #recovery} and {@link #view} are safe to use
 * from any thread then.
 */
public final class RuntimeJournal {
  private static final int SNAPSHOTS = 3;

  /** What the journal may take to reach the disk when it is closed. */
  private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(60);

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
    try {
      this.recovery = Recovery.resume(journal, snapshots, state);
      this.restored = state.states();
    } catch (RuntimeException e) {
      state.close();
      throw e;
    }
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
    try (RuntimeState state = new RuntimeState(new ServedModel(model, runtime))) {
      return new Replayed(Recovery.rederive(journal, state), state.compared());
    }
  }

  /** As {@link #rederive}, but from the newest valid snapshot on. */
  public static Replayed resume(
      JournalView journal, Path folder, FrozenModel model, RuntimeSettings runtime) {
    try (RuntimeState state = new RuntimeState(new ServedModel(model, runtime))) {
      SnapshotStore snapshots = new SnapshotStore(folder, SNAPSHOTS);
      return new Replayed(Recovery.resume(journal, snapshots, state), state.compared());
    }
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
    Closing closing = new Closing();
    closing.attempt(state::close);
    closing.attempt(journal::close);
    closing.finish();
  }

  /**
   * Waits until the streams have handed their last states over and closes the journal, whatever
   * becomes of one of them, and frees the states that no stream went on from.
   *
   * @param saves ends when a stream's last state is handed over, with the stream's id
   * @param patience how long the states may take, beyond what the journal may take
   * @throws RuntimeException the first failure; the others are suppressed by it
   */
  void close(Map<CompletableFuture<Void>, String> saves, Duration patience) {
    Closing closing = new Closing();
    await(
        CompletableFuture.allOf(saves.keySet().toArray(CompletableFuture[]::new)),
        patience.plus(CLOSE_PATIENCE));
    saves.forEach((saved, stream) -> report(closing, saved, "the last state of stream " + stream));
    CompletableFuture<Void> closed = port.close();
    await(closed, CLOSE_PATIENCE);
    report(closing, closed, "the end of the journal");
    closing.attempt(state::close);
    closing.finish();
  }

  private static void report(Closing closing, CompletableFuture<Void> done, String what) {
    Optional<Throwable> failure =
        done.isDone()
            ? done.handle((value, error) -> Optional.ofNullable(error)).join()
            : Optional.of(new TimeoutException("it took too long"));
    failure.ifPresent(
        cause ->
            closing.failed(
                new AcclimateException(
                    "%s is not on the disk, the journal can be resumed without it: %s"
                        .formatted(what, cause.getMessage()),
                    cause)));
  }

  /** Waits also when interrupted: nobody else would close the journal. */
  private static void await(CompletableFuture<Void> done, Duration patience) {
    boolean interrupted = false;
    long end = System.nanoTime() + patience.toNanos();
    while (true) {
      try {
        done.get(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS);
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      } catch (ExecutionException | TimeoutException e) {
        break; // the caller looks at what came of it
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
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
