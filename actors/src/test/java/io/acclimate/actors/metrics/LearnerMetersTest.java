package io.acclimate.actors.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.acclimate.actors.learn.LearnerEvents;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LearnerMetersTest {
  private static final Map<String, RuntimeMeter> KNOWN =
      Arrays.stream(RuntimeMeter.values())
          .collect(Collectors.toMap(RuntimeMeter::meterName, Function.identity()));

  @TempDir Path folder;
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final LearnerMeters meters = new LearnerMeters(registry);

  private double count(RuntimeMeter meter, String... tags) {
    return registry.get(meter.meterName()).tags(tags).counter().count();
  }

  private double gauge(RuntimeMeter meter, String... tags) {
    return registry.get(meter.meterName()).tags(tags).gauge().value();
  }

  @Test
  void stepsLossDecisionsAndRevertsAreCounted() {
    assertTrue(registry.getMeters().isEmpty());
    LearnerEvents.promotion().forEach(meters::on);
    assertEquals(2, count(RuntimeMeter.LEARNER_STEPS, "result", "learned"));
    assertEquals(1.25, gauge(RuntimeMeter.LEARNER_LOSS));
    assertEquals(
        1, count(RuntimeMeter.LEARNER_DECISIONS, "verdict", "promoted", "cause", "passed"));
    assertEquals(0.9, gauge(RuntimeMeter.LEARNER_ACCURACY, "model", "candidate"));
    assertEquals(0.6, gauge(RuntimeMeter.LEARNER_ACCURACY, "model", "served"));
    assertTrue(registry.find(RuntimeMeter.LEARNER_FORGETTING.meterName()).meters().isEmpty());

    LearnerEvents.refusal().forEach(meters::on);
    assertEquals(
        1, count(RuntimeMeter.LEARNER_DECISIONS, "verdict", "refused", "cause", "most-forgetting"));
    assertEquals(0.3, gauge(RuntimeMeter.LEARNER_FORGETTING));
    assertTrue(registry.find(RuntimeMeter.ADAPTER_REVERTS.meterName()).meters().isEmpty());
    meters.on(LearnerEvents.revert());
    assertEquals(1, count(RuntimeMeter.ADAPTER_REVERTS));
  }

  /** What was not measured leaves the gauges as they were. */
  @Test
  void aTaskThatDivergesIsCountedButMeasuresNothing() {
    LearnerEvents.promotion().forEach(meters::on);
    LearnerEvents.divergence().forEach(meters::on);
    assertEquals(1, count(RuntimeMeter.LEARNER_STEPS, "result", "refused"));
    assertEquals(
        1, count(RuntimeMeter.LEARNER_DECISIONS, "verdict", "diverged", "cause", "not-finite"));
    assertEquals(1.25, gauge(RuntimeMeter.LEARNER_LOSS));
    assertEquals(0.9, gauge(RuntimeMeter.LEARNER_ACCURACY, "model", "candidate"));
  }

  @Test
  void everyOneIsInTheListAndGoesWhenClosed() {
    LearnerEvents.promotion().forEach(meters::on);
    LearnerEvents.refusal().forEach(meters::on);
    meters.on(LearnerEvents.revert());
    registry
        .getMeters()
        .forEach(
            meter -> {
              RuntimeMeter known = KNOWN.get(meter.getId().getName());
              Set<String> tags =
                  meter.getId().getTags().stream().map(Tag::getKey).collect(Collectors.toSet());
              assertEquals(Set.copyOf(known.tags()), tags, known.meterName());
              assertEquals(known.unit(), meter.getId().getBaseUnit());
            });
    meters.remove();
    assertEquals(List.of(), registry.getMeters());
  }

  @Test
  void flightRecorderHasEvents() throws IOException {
    FlightRecording listener = new FlightRecording();
    Path file = folder.resolve("flight.jfr");
    try (Recording recording = new Recording()) {
      recording.start();
      LearnerEvents.promotion().forEach(listener::learner);
      LearnerEvents.refusal().forEach(listener::learner);
      listener.learner(LearnerEvents.revert());
      recording.stop();
      recording.dump(file);
    }
    Map<String, List<RecordedEvent>> events =
        RecordingFile.readAllEvents(file).stream()
            .collect(Collectors.groupingBy(event -> event.getEventType().getName()));
    List<RecordedEvent> steps = events.get("io.acclimate.LearnerStep");
    assertEquals(2, steps.size());
    assertEquals(2.5, steps.get(0).getDouble("loss"));
    RecordedEvent refused = events.get("io.acclimate.LearnerDecision").get(1);
    assertEquals("most-forgetting", refused.getString("cause"));
    assertEquals(0.3, refused.getDouble("forgetting"));
    assertEquals(
        List.of("start", "promotion", "revert"),
        events.get("io.acclimate.AdapterServed").stream()
            .map(event -> event.getString("change"))
            .toList());
  }
}
