package io.acclimate.actors;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.typesafe.config.ConfigFactory;
import io.acclimate.replay.codec.JournalRecord;
import io.acclimate.replay.event.AdapterUsed;
import io.acclimate.replay.event.BatchObserved;
import io.acclimate.replay.event.FloatArray;
import io.acclimate.replay.event.JournalEvent;
import io.acclimate.replay.event.Predicted;
import io.acclimate.replay.event.StreamOpened;
import io.acclimate.replay.journal.JournalSettings;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.FrozenModel;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.testing.TinyModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RuntimeStateTest {
  private static final int QUEUE = 10;

  @TempDir Path folder;
  private FrozenModel model;
  private ServedModel served;

  @BeforeEach
  void open() throws IOException {
    model =
        FrozenModel.open(
            TinyModels.linear(folder.resolve("tiny.onnx"), 3, 3, TinyModels.identity(3)));
    served = new ServedModel(model, RuntimeSettings.of(ConfigFactory.empty()));
  }

  @AfterEach
  void close() {
    model.close();
  }

  /** Killed between a batch and its answer, the process is asked for the batch again. */
  @Test
  void aBatchWhoseAnswerIsNotRecordedIsLearnedOnceOnly() {
    String whole = hash(opened(), batch(0), answer(0), batch(1), answer(1));
    assertEquals(whole, hash(opened(), batch(0), answer(0), batch(1), batch(1), answer(1)));
    String one = hash(opened(), batch(0), answer(0));
    assertEquals(
        state(opened(), batch(0), answer(0)), state(opened(), batch(0), answer(0), batch(1)));
    assertNotEquals(whole, one);
  }

  /** A batch that a method failed on has an answer and no batch: nothing is learned from it. */
  @Test
  void anAnswerWithoutItsBatchTeachesNothing() {
    RuntimeState state = replay(opened(), batch(0), answer(1));
    assertEquals(2, state.states().get(0).nextBatch());
    assertEquals(state(opened()), state(opened(), batch(0), answer(1)));
  }

  /** Methods may hold sessions outside of the heap. */
  @Test
  void whatNobodyTakesIsFreed() {
    int before = TroubleProvider.OPEN.get();
    RuntimeState state = replay(opened(), batch(0), answer(0));
    byte[] saved = state.save();
    StreamState camera = state.states().get(0);
    state.restore(saved);
    assertEquals(before + 1, TroubleProvider.OPEN.get(), "the state before is freed");
    byte[] damaged =
        StreamState.writeAll(List.of(camera, withState("other", camera, new byte[] {1})), 0);
    assertThrows(AcclimateException.class, () -> state.restore(damaged));
    assertEquals(before + 1, TroubleProvider.OPEN.get(), "what was restored half is freed");
    assertArrayEquals(saved, state.save());
    state.close();
    assertEquals(before, TroubleProvider.OPEN.get());
  }

  /** Snapshots of earlier releases end where the adapters stand now. */
  @Test
  void aSnapshotWithoutAdaptersIsRead() {
    RuntimeState state = replay(opened(), batch(0), answer(0));
    byte[] saved = state.save();
    byte[] earlier = Arrays.copyOf(saved, saved.length - 2 * Integer.BYTES);
    String hash = state.stateHash();
    RuntimeState again = new RuntimeState(served);
    again.restore(earlier);
    assertEquals(hash, again.stateHash());
    assertArrayEquals(saved, again.save());
    again.apply(
        new JournalRecord(3, 0, JournalRecord.NEVER, 0, new AdapterUsed("camera", "night", "")));
    assertNotEquals(hash, again.stateHash());
    RuntimeState restored = new RuntimeState(served);
    restored.restore(again.save());
    assertEquals(new AdapterUse("night", ""), restored.states().get(0).adapters());
    List.of(state, again, restored).forEach(RuntimeState::close);
  }

  private static StreamState withState(String id, StreamState like, byte[] state) {
    return new StreamState(
        id,
        like.method(),
        like.settings(),
        like.modelSha256(),
        like.nextBatch(),
        like.domains(),
        like.frozen(),
        like.adapters(),
        like.sequence(),
        state);
  }

  /** Only one of two streams is opened again, and one journal is replayed and abandoned. */
  @Test
  void aJournalFreesTheStreamsThatWereNotOpenedAgain() {
    int before = TroubleProvider.OPEN.get();
    RuntimeSettings settings = RuntimeSettings.defaults();
    Path place = folder.resolve("journal");
    try (AdaptiveRuntime runtime = AdaptiveRuntime.start(model, settings, journal(place))) {
      runtime.stream("a", "trouble").snapshot().toCompletableFuture().join();
      runtime.stream("b", "trouble").snapshot().toCompletableFuture().join();
    }
    assertEquals(before, TroubleProvider.OPEN.get());
    RuntimeJournal again = journal(place);
    assertEquals(2, RuntimeJournal.rederive(again.view(), model, settings).compared() / 2);
    RuntimeJournal.resume(again.view(), place, model, settings);
    assertEquals(before + 2, TroubleProvider.OPEN.get(), "those of the journal itself");
    again.abandon();
    assertEquals(before, TroubleProvider.OPEN.get());
    try (AdaptiveRuntime runtime = AdaptiveRuntime.start(model, settings, journal(place))) {
      runtime.stream("a", "trouble").snapshot().toCompletableFuture().join();
    }
    assertEquals(before, TroubleProvider.OPEN.get());
  }

  /** Also across a restart: the journal keeps the old stream apart from the new one. */
  @Test
  void aStreamThatWasClosedBeginsAnew() {
    Path place = folder.resolve("journal");
    byte[] state;
    try (AdaptiveRuntime runtime =
        AdaptiveRuntime.start(model, RuntimeSettings.defaults(), journal(place, ""))) {
      AdaptiveStream old = runtime.stream("a", "label-shift-em");
      byte[] fresh = old.snapshot().toCompletableFuture().join();
      answer(old, 5);
      CompletionStage<Void> ended = runtime.closeStream("a");
      CompletionStage<Void> again = runtime.closeStream("a");
      CompletableFuture.allOf(ended.toCompletableFuture(), again.toCompletableFuture()).join();
      AdaptiveStream anew = runtime.stream("a", "label-shift-em");
      assertEquals(0, anew.nextBatch());
      assertArrayEquals(fresh, anew.snapshot().toCompletableFuture().join());
      answer(anew, 2);
      state = anew.snapshot().toCompletableFuture().join();
    }
    try (AdaptiveRuntime runtime =
        AdaptiveRuntime.start(model, RuntimeSettings.defaults(), journal(place, ""))) {
      AdaptiveStream back = runtime.stream("a", "label-shift-em");
      assertEquals(2, back.nextBatch());
      assertArrayEquals(state, back.snapshot().toCompletableFuture().join());
    }
  }

  private static void answer(AdaptiveStream stream, int batches) {
    for (int i = 0; i < batches; i++) {
      Tensor batch = Tensor.ofFloats(new float[] {1, 0, 0}, 1, 3);
      stream.adapt(batch).toCompletableFuture().join();
    }
  }

  /**
   * What a process leaves that is killed: the journal as it is now. Answers that have not reached
   * it are lost, so their numbers must not be given again to clients that may label them.
   */
  @Test
  void numbersOfAnswersThatMayBeLostAreNotGivenAgain() throws IOException {
    RuntimeSettings settings = RuntimeSettings.defaults();
    Path place = folder.resolve("journal");
    Path killed = folder.resolve("killed");
    try (AdaptiveRuntime runtime = AdaptiveRuntime.start(model, settings, journal(place))) {
      AdaptiveStream stream = runtime.stream("a", "trouble");
      answer(stream, 3);
      stream.feedback("a/2", new int[] {1}).toCompletableFuture().join();
      copy(place, killed);
    }
    RuntimeJournal exact = journal(killed);
    assertEquals(3, exact.take(identity("trouble")).orElseThrow().nextBatch());
    exact.abandon();
    try (AdaptiveRuntime runtime =
        AdaptiveRuntime.start(model, settings, journal(killed).forClients())) {
      AdaptiveStream stream = runtime.stream("a", "trouble");
      assertEquals(3 + QUEUE, stream.nextBatch());
      assertEquals(
          FeedbackOutcome.EXPIRED,
          stream.feedback("a/3", new int[] {1}).toCompletableFuture().join());
      answer(stream, 1);
    }
    try (AdaptiveRuntime runtime =
        AdaptiveRuntime.start(model, settings, journal(killed).forClients())) {
      assertEquals(4 + QUEUE, runtime.stream("a", "trouble").nextBatch(), "closed in good order");
    }
  }

  private StreamOpened identity(String method) {
    return new StreamOpened("a", method, "{}", model.sha256());
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(from.relativize(file).toString()));
      }
    }
  }

  /** Another method needs another state; the numbers of predictions go on. */
  @Test
  void aStreamOfAnotherMethodBeginsAnewForClients() {
    RuntimeSettings settings = RuntimeSettings.defaults();
    Path place = folder.resolve("journal");
    try (AdaptiveRuntime runtime = AdaptiveRuntime.start(model, settings, journal(place))) {
      answer(runtime.stream("a", "trouble"), 3);
    }
    RuntimeJournal exact = journal(place);
    assertThrows(AcclimateException.class, () -> exact.take(identity("frozen")));
    exact.abandon();
    int before = TroubleProvider.OPEN.get();
    for (int round = 0; round < 2; round++) {
      try (AdaptiveRuntime runtime =
          AdaptiveRuntime.start(model, settings, journal(place).forClients())) {
        assertEquals(3, runtime.stream("a", "label-shift-em").nextBatch(), "round " + round);
        assertEquals(before, TroubleProvider.OPEN.get(), "the old method is freed");
      }
    }
    RuntimeJournal again = journal(place);
    assertEquals("label-shift-em", again.state().states().get(0).method());
    RuntimeJournal.rederive(again.view(), model, settings);
    again.abandon();
  }

  private RuntimeJournal journal(Path place) {
    return journal(place, "queue-capacity = " + QUEUE);
  }

  private RuntimeJournal journal(Path place, String more) {
    JournalSettings none =
        JournalSettings.of(ConfigFactory.parseString("durability = none\n" + more));
    return RuntimeJournal.open(place, none, model, RuntimeSettings.defaults());
  }

  private RuntimeState replay(JournalEvent... events) {
    RuntimeState state = new RuntimeState(served);
    for (int i = 0; i < events.length; i++) {
      state.apply(new JournalRecord(i, 0, JournalRecord.NEVER, 0, events[i]));
    }
    return state;
  }

  private String hash(JournalEvent... events) {
    return replay(events).stateHash();
  }

  /** The method's own state. */
  private String state(JournalEvent... events) {
    return HexFormat.of().formatHex(replay(events).states().get(0).state());
  }

  private StreamOpened opened() {
    return new StreamOpened("camera", "trouble", "", model.sha256());
  }

  private static BatchObserved batch(long number) {
    FloatArray outputs = FloatArray.of(new float[] {1, 1, 1}, 1, 3);
    return new BatchObserved(
        "camera",
        number,
        1,
        true,
        new int[0],
        Optional.empty(),
        Optional.of(outputs),
        Optional.of(outputs));
  }

  private Predicted answer(long number) {
    return new Predicted(
        "camera",
        number,
        "trouble",
        model.sha256(),
        "",
        number,
        new int[] {0},
        new int[] {0},
        Optional.empty(),
        "",
        List.of(),
        1,
        0,
        0);
  }
}
