package io.acclimate.actors;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.acclimate.bank.AdapterRef;
import io.acclimate.runtime.Tensor;
import io.acclimate.tta.AdaptationEvent;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a stream is served with, and what its method has learned of it, from life to life. */
class AdapterMemoryTest {
  private static final String METHOD = "label-shift-em";
  private static final AdapterChoice DAY = new AdapterChoice.Latest("day");
  private static final AdapterChoice NIGHT = new AdapterChoice.Latest("night");
  private static final Map<String, Long> ONE_RESET = Map.of(AdaptationEvent.CALLER, 1L);

  @TempDir Path folder;
  private TinyRuntimes tiny;
  private TinyAdapters adapters;

  @BeforeEach
  void open() throws IOException {
    tiny = new TinyRuntimes(folder);
    adapters = TinyAdapters.create(folder.resolve("bank"));
    adapters.publish("day", tiny.model.sha256(), 1);
    adapters.publish("night", tiny.model.sha256(), 2);
  }

  @AfterEach
  void close() {
    tiny.close();
  }

  private RuntimeJournal journal() {
    return tiny.journal("").forClients();
  }

  /** A server whose file serves all streams so. */
  private AdaptiveRuntime serve(AdapterChoice choice) {
    return AdaptiveRuntime.start(
        tiny.model,
        RuntimeSettings.defaults(),
        Optional.of(journal()),
        adapters.serving().withDefaults(stream -> choice));
  }

  private static <T> T join(CompletionStage<T> stage) {
    return stage.toCompletableFuture().join();
  }

  private static Prediction adapt(AdaptiveStream stream, int batches) {
    Prediction last = null;
    for (int i = 0; i < batches; i++) {
      float tilt = 0.1f * (i % 3);
      Tensor batch = Tensor.ofFloats(new float[] {1, tilt, 0, 0.5f, 0.4f, tilt}, 2, 3);
      last = join(stream.adapt(batch));
    }
    return last;
  }

  private static String served(Prediction prediction) {
    return prediction.adapter().map(ServedAdapter::ref).map(AdapterRef::toString).orElse("");
  }

  /** What a stream has after its first batch with a choice. */
  private byte[] fresh(AdapterChoice choice) {
    try (AdaptiveRuntime runtime =
        AdaptiveRuntime.start(
            tiny.model, RuntimeSettings.defaults(), Optional.empty(), adapters.serving())) {
      AdaptiveStream stream = runtime.stream("camera", METHOD);
      join(stream.serveWith(choice));
      adapt(stream, 1);
      return join(stream.snapshot());
    }
  }

  private static void assertReset(AdaptiveStream stream, Prediction first, byte[] fresh) {
    assertArrayEquals(fresh, join(stream.snapshot()));
    List<AdaptationEvent> events = first.events();
    assertEquals(1, events.size(), events.toString());
    assertEquals("another adapter serves", events.get(0).reason());
    assertEquals(ONE_RESET, stream.stats().resets());
  }

  @Test
  void aChoiceIsThereAfterARestart() {
    byte[] state;
    try (AdaptiveRuntime runtime = serve(DAY)) {
      AdaptiveStream stream = runtime.stream("camera", METHOD);
      assertEquals("day@1", served(adapt(stream, 2)));
      join(stream.serveWith(NIGHT));
      assertEquals("night@2", served(adapt(stream, 3)));
      state = join(stream.snapshot());
    }
    for (int life = 0; life < 2; life++) {
      try (AdaptiveRuntime runtime = serve(DAY)) {
        AdaptiveStream stream = runtime.stream("camera", METHOD);
        assertEquals(NIGHT, stream.stats().adapter());
        assertArrayEquals(state, join(stream.snapshot()));
        Prediction next = adapt(stream, 1);
        assertEquals("night@2", served(next));
        assertEquals(List.of(), next.events());
        state = join(stream.snapshot());
      }
    }
    try (AdaptiveRuntime runtime = serve(DAY)) {
      AdaptiveStream stream = runtime.stream("camera", METHOD);
      join(runtime.closeStream(stream.id()));
      assertEquals(DAY, runtime.stream("camera", METHOD).stats().adapter());
    }
  }

  /** Nobody has chosen, and the file says something else after the restart. */
  @Test
  void whatWasLearnedOnAnotherAdapterIsReset() {
    for (AdapterChoice before : List.of(NIGHT, AdapterChoice.FROZEN)) {
      try (AdaptiveRuntime runtime = serve(before)) {
        adapt(runtime.stream("camera", METHOD), 5);
      }
      try (AdaptiveRuntime runtime = serve(DAY)) {
        AdaptiveStream stream = runtime.stream("camera", METHOD);
        Prediction first = adapt(stream, 1);
        assertEquals("day@1", served(first));
        assertReset(stream, first, fresh(DAY));
        assertEquals(List.of(), adapt(stream, 1).events());
        join(runtime.closeStream("camera"));
      }
    }
    RuntimeJournal whole = journal();
    RuntimeJournal.rederive(whole.view(), tiny.model, RuntimeSettings.defaults());
    whole.abandon();
  }

  @Test
  void anotherAdapterFindsNothingLearned() {
    try (AdaptiveRuntime runtime = serve(NIGHT)) {
      AdaptiveStream stream = runtime.stream("camera", METHOD);
      adapt(stream, 4);
      assertEquals(Map.of(), stream.stats().resets());
      join(stream.serveWith(DAY));
      assertReset(stream, adapt(stream, 1), fresh(DAY));
    }
  }

  @Test
  void aSnapshotSaysOfWhichAdapterItIs() {
    try (AdaptiveRuntime runtime = serve(NIGHT)) {
      AdaptiveStream stream = runtime.stream("camera", METHOD);
      adapt(stream, 4);
      byte[] night = join(stream.snapshot());
      AdaptiveStream other = runtime.stream("other", METHOD);
      join(other.serveWith(DAY));
      join(other.restore(night));
      assertReset(other, adapt(other, 1), fresh(DAY));
      join(stream.restore(night));
      assertEquals(List.of(), adapt(stream, 1).events());
    }
  }

  /** The bank is gone from the file: the frozen model serves, and the choice waits for the bank. */
  @Test
  void withoutTheBankTheFrozenModelServes() {
    try (AdaptiveRuntime runtime = serve(DAY)) {
      AdaptiveStream stream = runtime.stream("camera", METHOD);
      join(stream.serveWith(NIGHT));
      adapt(stream, 5);
    }
    try (AdaptiveRuntime runtime = tiny.start(journal())) {
      AdaptiveStream stream = runtime.stream("camera", METHOD);
      assertEquals(AdapterChoice.FROZEN, stream.stats().adapter());
      assertReset(stream, adapt(stream, 1), fresh(AdapterChoice.FROZEN));
    }
    try (AdaptiveRuntime runtime = serve(DAY)) {
      assertEquals(NIGHT, runtime.stream("camera", METHOD).stats().adapter());
    }
  }
}
