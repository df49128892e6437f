package io.acclimate.actors;

import io.acclimate.replay.event.RunStarted;
import io.acclimate.replay.event.StreamOpened;
import io.acclimate.replay.journal.ChronicleJournal;
import io.acclimate.replay.journal.Journal;
import io.acclimate.replay.journal.JournalSettings;
import io.acclimate.replay.journal.JournalView;
import io.acclimate.replay.recovery.Recovery;
import io.acclimate.replay.recovery.SnapshotStore;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.FrozenModel;
import io.acclimate.runtime.method.MethodDescriptor;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

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
  private boolean forClients;

  /** Ends when the streams have answered that are to make up for what was not written. */
  private volatile CompletableFuture<Void> retrying = CompletableFuture.completedFuture(null);

  RuntimeJournal(
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

  /**
   * For a runtime whose clients do not know of its ends, such as a server; before it is started. A
   * stream that is opened with another method or other settings than the journal has begins anew
   * and is not refused. And after a process that was killed, streams go on with numbers that no
   * prediction has had: the last ones may not have reached the journal, and labels for them must
   * not be taken for those of other batches.
   *
   * @return this
   */
  public RuntimeJournal forClients() {
    forClients = true;
    return this;
  }

  /**
   * Checks that a stream's records will give its state again.
   *
   * @param method what its method needs
   * @throws io.acclimate.runtime.AcclimateException when it learns from inputs and the journal
   *     keeps none
   */
  void requireReplayable(String stream, MethodDescriptor method) {
    if (method.runsModel() && settings.payload() != JournalSettings.Payload.INPUT) {
      throw new AcclimateException(
          "stream %s: method %s learns from inputs, so a journal has to keep them to bring its state back: expected journal-settings.payload = input, found features"
              .formatted(stream, method.name()));
    }
  }

  /**
   * What a stream goes on from.
   *
   * @throws io.acclimate.runtime.AcclimateException when it was opened otherwise
   */
  Optional<RuntimeState.Restored> take(StreamOpened wanted) {
    if (!forClients) {
      return state.take(wanted);
    }
    int unwritten = state.endsWithSnapshot() ? 0 : settings.queueCapacity();
    return state
        .takeOver(wanted)
        .map(restored -> restored.numberedFrom(restored.nextBatch() + unwritten));
  }

  /**
   * Tries whether a journal that took no events takes them again, such as one whose disk was full;
   * the streams then hand their present states over.
   *
   * @param find gives the open stream of an id
   */
  void retry(Function<String, Optional<AdaptiveStream>> find) {
    if (port.failure() == null || !retrying.isDone()) {
      return;
    }
    retrying =
        port.retry()
            .thenCompose(
                behind ->
                    CompletableFuture.allOf(
                        behind.stream()
                            .flatMap(id -> find.apply(id).stream())
                            .map(this::catchUp)
                            .toArray(CompletableFuture[]::new)));
  }

  private CompletableFuture<Void> catchUp(AdaptiveStream stream) {
    return stream
        .catchUp()
        .exceptionally(
            error -> {
              port.giveUp(stream.id());
              return null;
            });
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
