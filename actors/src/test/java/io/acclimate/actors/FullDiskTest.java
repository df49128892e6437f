package io.acclimate.actors;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.acclimate.replay.event.FeedbackReceived;
import io.acclimate.replay.event.JournalEvent;
import io.acclimate.replay.event.Predicted;
import io.acclimate.replay.journal.ChronicleJournal;
import io.acclimate.replay.journal.Journal;
import io.acclimate.replay.journal.JournalFullException;
import io.acclimate.replay.journal.JournalSettings;
import io.acclimate.replay.journal.JournalVerifier;
import io.acclimate.replay.recovery.SnapshotStore;
import io.acclimate.runtime.Tensor;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The disk of the journal is full for a while: nothing is taken in, and then all goes on. */
class FullDiskTest {
  private static final JournalSettings SETTINGS = TinyRuntimes.settings("snapshot-batches = 4");

  @TempDir Path folder;
  private final AtomicBoolean full = new AtomicBoolean();

  /** There is no room for the answer to this batch, nor for what comes after it. */
  private volatile long last = Long.MAX_VALUE;

  /** How many labels there is no room for: the next ones; none at first. */
  private volatile CountDownLatch labelsFill = new CountDownLatch(0);

  /** When the journal finds out that there is no room: until then it is busy writing. */
  private final CompletableFuture<Void> noRoom = new CompletableFuture<>();

  private TinyRuntimes tiny;

  @BeforeEach
  void open() throws IOException {
    tiny = new TinyRuntimes(folder);
  }

  @AfterEach
  void close() {
    tiny.close();
  }

  private RuntimeJournal journal() {
    Journal disk = ChronicleJournal.open(tiny.place, SETTINGS);
    Journal filling =
        (Journal)
            Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {Journal.class},
                (proxy, method, arguments) -> {
                  if (method.getName().equals("append")) {
                    requireRoom((JournalEvent) arguments[0]);
                  }
                  try {
                    return method.invoke(disk, arguments);
                  } catch (InvocationTargetException e) {
                    throw e.getCause();
                  }
                });
    return new RuntimeJournal(
        filling,
        new SnapshotStore(tiny.place, 3),
        SETTINGS,
        new ServedModel(tiny.model, RuntimeSettings.defaults()));
  }

  private void requireRoom(JournalEvent event) {
    if (event instanceof FeedbackReceived && labelsFill.getCount() > 0) {
      labelsFill.countDown();
      noRoom.join();
      full.set(true);
    }
    if (event instanceof Predicted predicted && predicted.batch() == last) {
      last = Long.MAX_VALUE;
      noRoom.join();
      full.set(true);
    }
    if (full.get()) {
      throw new JournalFullException("no room", new IOException("told to be full"));
    }
  }

  private static Prediction adapt(AdaptiveStream stream) {
    Tensor batch = Tensor.ofFloats(new float[] {1, 2, 0}, 1, 3);
    return stream.adapt(batch).toCompletableFuture().join();
  }

  private static void requireRefused(AdaptiveStream stream) {
    CompletionException error = assertThrows(CompletionException.class, () -> adapt(stream));
    assertInstanceOf(IllegalStateException.class, error.getCause());
    assertTrue(error.getMessage().contains("takes no more events"), error.getMessage());
  }

  private static void awaitRoom(AdaptiveStream stream) throws InterruptedException {
    while (stream.freeze().handle((done, error) -> error != null).toCompletableFuture().join()) {
      Thread.sleep(20);
    }
    stream.unfreeze().toCompletableFuture().join();
  }

  @Test
  void theJournalGoesOnWithoutAGap() throws Exception {
    byte[] first;
    byte[] late;
    try (AdaptiveRuntime runtime = tiny.start(journal())) {
      AdaptiveStream stream = runtime.stream("a", "label-shift-em");
      AdaptiveStream closed = runtime.stream("closed", "label-shift-em");
      adapt(closed);
      adapt(stream);
      stream.snapshot().toCompletableFuture().join();
      last = 2;
      adapt(stream);
      adapt(stream); // is answered, but not written
      stream.snapshot().toCompletableFuture().join();
      AdaptiveStream opened = runtime.stream("late", "label-shift-em");
      noRoom.complete(null);
      requireRefusedSoon(opened);
      assertFalse(runtime.isReady());
      runtime.closeStream("closed");
      full.set(false);
      awaitRoom(stream);
      awaitRoom(opened);
      assertTrue(runtime.isReady());
      adapt(opened);
      assertEquals(3, adapt(stream).sequence());
      first = stream.snapshot().toCompletableFuture().join();
      late = opened.snapshot().toCompletableFuture().join();
    }
    RuntimeJournal again = journal();
    RuntimeJournal.Replayed replayed =
        RuntimeJournal.rederive(again.view(), tiny.model, RuntimeSettings.defaults());
    assertEquals(again.recovery().stateHash(), replayed.report().stateHash());
    assertEquals(2, again.state().states().size(), "the closed one is closed");
    try (AdaptiveRuntime runtime = tiny.start(again)) {
      AdaptiveStream stream = runtime.stream("a", "label-shift-em");
      assertEquals(4, stream.nextBatch());
      assertArrayEquals(first, stream.snapshot().toCompletableFuture().join());
      AdaptiveStream opened = runtime.stream("late", "label-shift-em");
      assertEquals(1, opened.nextBatch());
      assertArrayEquals(late, opened.snapshot().toCompletableFuture().join());
    }
  }

  /** The writer is a thread of its own: what came before it noticed is answered. */
  private void requireRefusedSoon(AdaptiveStream stream) throws InterruptedException {
    while (!stream.freeze().handle((done, error) -> error != null).toCompletableFuture().join()) {
      Thread.sleep(5);
    }
    requireRefused(stream);
  }

  @Test
  void labelsThatWereRefusedAreTakenWhenTheyComeAgain() throws Exception {
    try (AdaptiveRuntime runtime = tiny.start(journal())) {
      AdaptiveStream stream = runtime.stream("a", "label-shift-em");
      String prediction = adapt(stream).predictionId();
      labelsFill = new CountDownLatch(1);
      CompletionStage<FeedbackOutcome> first = stream.feedback(prediction, new int[] {1});
      CompletionStage<FeedbackOutcome> meanwhile = stream.feedback(prediction, new int[] {1});
      stream.snapshot().toCompletableFuture().join(); // the agent has seen both
      noRoom.complete(null);
      for (CompletionStage<FeedbackOutcome> refused : List.of(first, meanwhile)) {
        CompletionException error =
            assertThrows(CompletionException.class, refused.toCompletableFuture()::join);
        assertTrue(error.getMessage().contains("takes no more events"), error.getMessage());
      }
      assertEquals(FeedbackStats.NONE, stream.stats().feedback());
      full.set(false);
      awaitRoom(stream);
      for (FeedbackOutcome expected :
          List.of(FeedbackOutcome.ACCEPTED, FeedbackOutcome.DUPLICATE)) {
        assertEquals(
            expected, stream.feedback(prediction, new int[] {1}).toCompletableFuture().join());
      }
      assertEquals(
          new FeedbackStats(1, 1, 0, 0, 1, 1, 1), stream.stats().feedback(), "counted once");
    }
    List<FeedbackReceived> written = new ArrayList<>();
    JournalVerifier.scan(
        tiny.place,
        record -> {
          if (record.event() instanceof FeedbackReceived labels) {
            written.add(labels);
          }
        });
    assertEquals(1, written.size());
    assertArrayEquals(new int[] {1}, written.get(0).labels());
  }

  @Test
  void aStateThatIsNotWrittenAtTheEndIsReported() throws InterruptedException {
    AdaptiveRuntime runtime = tiny.start(journal());
    AdaptiveStream stream = runtime.stream("a", "label-shift-em");
    adapt(stream);
    full.set(true);
    requireRefusedSoon(stream);
    RuntimeException unsaved = assertThrows(RuntimeException.class, runtime::close);
    assertTrue(unsaved.getMessage().contains("no room"), unsaved.getMessage());
  }
}
