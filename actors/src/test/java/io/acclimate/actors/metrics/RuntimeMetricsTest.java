package io.acclimate.actors.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigFactory;
import io.acclimate.actors.AdaptiveRuntime;
import io.acclimate.actors.AdaptiveStream;
import io.acclimate.actors.Prediction;
import io.acclimate.actors.RuntimeListener;
import io.acclimate.runtime.FrozenModel;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.testing.TinyModels;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import java.util.stream.Collectors;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RuntimeMetricsTest {
  private static final Map<String, RuntimeMeter> KNOWN =
      Arrays.stream(RuntimeMeter.values())
          .collect(Collectors.toMap(RuntimeMeter::meterName, Function.identity()));

  @TempDir Path folder;
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private FrozenModel model;
  private AdaptiveRuntime runtime;
  private RuntimeMetrics metrics;

  @BeforeEach
  void start() throws IOException {
    model =
        FrozenModel.open(
            TinyModels.linear(folder.resolve("tiny.onnx"), 3, 3, TinyModels.identity(3)));
    runtime = AdaptiveRuntime.start(model);
    metrics =
        RuntimeMetrics.of(
            runtime,
            registry,
            MetricsSettings.of(ConfigFactory.parseString("stream-tags = 2, drift-samples = 10")));
    ProcessMetrics.register(registry);
  }

  @AfterEach
  void stop() {
    runtime.close();
    model.close();
  }

  /**
   * Listeners hear of a batch after its answer; what comes after it in the stream is later still.
   */
  private static void settle(AdaptiveStream stream) {
    stream.snapshot().toCompletableFuture().join();
  }

  private static Prediction adapt(AdaptiveStream stream, float... values) {
    Tensor batch = Tensor.ofFloats(values, values.length / 3, 3);
    return stream.adapt(batch).toCompletableFuture().join();
  }

  private double count(RuntimeMeter meter, String... tags) {
    return registry.get(meter.meterName()).tags(tags).counter().count();
  }

  private double gauge(RuntimeMeter meter, String... tags) {
    return registry.get(meter.meterName()).tags(tags).gauge().value();
  }

  @Test
  void countsWhatHappens() {
    AdaptiveStream stream = runtime.stream("a", "lame");
    adapt(stream, 9, 0, 0, 0, 9, 0);
    Tensor batch = Tensor.ofFloats(new float[] {0, 0, 9}, 1, 3);
    Prediction last = stream.predict(batch).toCompletableFuture().join();
    stream.feedback(last.predictionId(), new int[] {2}).toCompletableFuture().join();
    stream.reset().toCompletableFuture().join();
    adapt(stream, 9, 0, 0);
    stream.freeze().toCompletableFuture().join();
    settle(stream);
    assertEquals(2, count(RuntimeMeter.BATCHES, "stream", "a", "learned", "true"));
    assertEquals(1, count(RuntimeMeter.BATCHES, "stream", "a", "learned", "false"));
    assertEquals(4, count(RuntimeMeter.SAMPLES, "stream", "a"));
    assertEquals(1, count(RuntimeMeter.RESETS, "stream", "a", "cause", "caller"));
    assertEquals(1, count(RuntimeMeter.FEEDBACK, "stream", "a", "outcome", "accepted"));
    assertEquals(1, gauge(RuntimeMeter.ACCURACY, "stream", "a"));
    assertEquals(1, gauge(RuntimeMeter.FROZEN, "stream", "a"));
    assertEquals(0.5, gauge(RuntimeMeter.LABEL_SHARE, "stream", "a", "class", "0"), 0.01);
    assertEquals(
        3, registry.get(RuntimeMeter.LATENCY.meterName()).tag("hop", "total").timer().count());
    runtime.close(); // the server of the model tells of its last call after the answer
    assertEquals(3, count(RuntimeMeter.CALLS));
    assertEquals(4, count(RuntimeMeter.CALL_ROWS, "kind", "request"));
    assertEquals(
        3,
        registry
            .get(RuntimeMeter.PASSES.meterName())
            .tags("stream", "a", "direction", "forward")
            .functionCounter()
            .count());
  }

  /** A gauge that stays behind would speak of the runtime before. */
  @Test
  void aSecondRuntimeOnTheSameRegistryReportsItsOwn() {
    settle(runtime.stream("a", "frozen"));
    adapt(runtime.stream("b", "frozen"), 1, 2, 3);
    settle(runtime.streams().get(1));
    assertEquals(2, gauge(RuntimeMeter.STREAMS));
    runtime.close(); // the server of the model tells of its last call after the answer
    metrics.close();
    SimpleMeterRegistry ofProcess = new SimpleMeterRegistry();
    ProcessMetrics.register(ofProcess);
    assertEquals(names(ofProcess), names(registry));
    try (AdaptiveRuntime second = AdaptiveRuntime.start(model);
        RuntimeMetrics again = RuntimeMetrics.of(second, registry, MetricsSettings.defaults())) {
      settle(second.stream("c", "frozen"));
      assertEquals(1, gauge(RuntimeMeter.STREAMS));
      assertEquals(0, count(RuntimeMeter.CALLS));
      assertNotNull(again);
    }
  }

  private static Set<String> names(SimpleMeterRegistry of) {
    return of.getMeters().stream()
        .map(meter -> meter.getId().getName())
        .collect(Collectors.toSet());
  }

  @Test
  void refusedAndFailedBatchesAreCounted() {
    AdaptiveStream gone = runtime.stream("gone", "frozen");
    CompletableFuture<String> closed = new CompletableFuture<>();
    runtime.addListener(
        new RuntimeListener() {
          @Override
          public void closed(String stream) {
            closed.complete(stream);
          }
        });
    runtime.closeStream("gone");
    assertEquals("gone", closed.join(), "told to the meters before");
    assertThrows(CompletionException.class, () -> adapt(gone, 1, 2, 3));
    AdaptiveStream stream = runtime.stream("a", "frozen");
    model.close();
    assertThrows(CompletionException.class, () -> adapt(stream, 1, 2, 3));
    settle(stream);
    assertEquals(1, count(RuntimeMeter.FAILED, "stream", "a"));
    assertEquals(
        1, count(RuntimeMeter.REJECTED, "stream", RuntimeMetrics.OTHER, "reason", "closed"));
  }

  @Test
  void idleStreamsAreCountedOutAndIn() {
    runtime.stream("a", "frozen");
    metrics.passivated("a");
    metrics.revived("a");
    metrics.passivated("unknown");
    assertEquals(1, count(RuntimeMeter.PASSIVATIONS, "stream", "a", "direction", "out"));
    assertEquals(1, count(RuntimeMeter.PASSIVATIONS, "stream", "a", "direction", "in"));
    assertEquals(
        1, count(RuntimeMeter.PASSIVATIONS, "stream", RuntimeMetrics.OTHER, "direction", "out"));
  }

  /** However many streams there are, the tag has few values; a closed stream gives its own back. */
  @Test
  void streamTagIsBounded() {
    for (String id : List.of("a", "b", "c", "d")) {
      adapt(runtime.stream(id, "frozen"), 1, 2, 3);
    }
    runtime.streams().forEach(RuntimeMetricsTest::settle);
    assertEquals(Set.of("a", "b", RuntimeMetrics.OTHER), streamTags());
    assertEquals(2, count(RuntimeMeter.SAMPLES, "stream", RuntimeMetrics.OTHER));
    metrics.closed("a");
    assertEquals(Set.of("b", RuntimeMetrics.OTHER), streamTags());
    metrics.close();
    assertEquals(Set.of(), streamTags());
  }

  private Set<String> streamTags() {
    Set<String> tags = new HashSet<>();
    registry.getMeters().stream()
        .map(meter -> meter.getId().getTag("stream"))
        .filter(tag -> tag != null)
        .forEach(tags::add);
    return tags;
  }

  @Test
  void everyMeterIsInTheListWithItsTagsAndUnit() {
    AdaptiveStream stream = runtime.stream("a", "auto");
    adapt(stream, 1, 2, 3);
    settle(stream);
    HttpMetrics.refused(registry, 404);
    HttpMetrics.registerWatchers(registry, () -> 0);
    assertTrue(registry.getMeters().size() > 15);
    for (Meter meter : registry.getMeters()) {
      if (meter.getId().getTag("le") != null) {
        continue; // how this kind of registry holds a timer's buckets
      }
      RuntimeMeter known = KNOWN.get(meter.getId().getName());
      assertNotNull(known, meter.getId().toString());
      assertEquals(
          Set.copyOf(known.tags()),
          meter.getId().getTags().stream().map(Tag::getKey).collect(Collectors.toSet()),
          known.meterName());
      assertEquals(known.unit(), meter.getId().getBaseUnit());
    }
  }

  @Test
  void processTellsOfMemoryAndHandles() throws IOException {
    Files.write(folder.resolve("records"), new byte[1000]);
    ProcessMetrics.registerJournal(registry, folder);
    assertTrue(gauge(RuntimeMeter.JOURNAL_BYTES) >= 1000);
    assertTrue(gauge(RuntimeMeter.MEMORY_DIRECT) >= 0);
    if (Files.exists(Path.of("/proc/self/status"))) {
      assertTrue(gauge(RuntimeMeter.MEMORY_RESIDENT) > 1 << 20);
      assertTrue(gauge(RuntimeMeter.OPEN_HANDLES) > 3);
    }
  }

  @Test
  void driftIsTheDistanceOfLatestAndLateDistributions() {
    LabelDrift drift = new LabelDrift(10);
    assertEquals(0, drift.value());
    AdaptiveStream stream = runtime.stream("a", "frozen");
    for (int i = 0; i < 100; i++) {
      drift.add(adapt(stream, 50, 0, 0));
    }
    assertEquals(0, drift.value(), 1e-9);
    for (int i = 0; i < 30; i++) {
      drift.add(adapt(stream, 0, 50, 0));
    }
    double late = (1 - Math.exp(-0.3)) / (1 - Math.exp(-1.3));
    double latest = (1 - Math.exp(-3)) / (1 - Math.exp(-13));
    assertEquals(latest - late, drift.value(), 1e-6);
  }

  @Test
  void flightRecorderHasEvents() throws IOException {
    runtime.addListener(new FlightRecording());
    Path file = folder.resolve("flight.jfr");
    try (Recording recording = new Recording()) {
      recording.start();
      AdaptiveStream stream = runtime.stream("a", "lame");
      adapt(stream, 1, 2, 3);
      stream.reset().toCompletableFuture().join();
      adapt(stream, 1, 2, 3);
      stream.freeze().toCompletableFuture().join();
      settle(stream);
      recording.stop();
      recording.dump(file);
    }
    Map<String, List<RecordedEvent>> events =
        RecordingFile.readAllEvents(file).stream()
            .filter(event -> event.getEventType().getName().startsWith("io.acclimate."))
            .sorted(Comparator.comparing(RecordedEvent::getEndTime)) // kept thread by thread
            .collect(Collectors.groupingBy(event -> event.getEventType().getName()));
    assertEquals(2, events.get("io.acclimate.Inference").size());
    assertEquals(2, events.get("io.acclimate.StreamLearning").size());
    RecordedEvent inference = events.get("io.acclimate.Inference").get(1);
    assertEquals("a", inference.getString("stream"));
    assertEquals(1, inference.getLong("batch"));
    assertTrue(inference.getDuration("total").compareTo(inference.getDuration("inference")) >= 0);
    assertEquals(
        List.of("reset", "freeze"),
        events.get("io.acclimate.Adaptation").stream().map(e -> e.getString("kind")).toList());
  }
}
