package io.acclimate.actors.metrics;

import io.acclimate.actors.AdaptiveRuntime;
import io.acclimate.actors.AdaptiveStream;
import io.acclimate.actors.FeedbackOutcome;
import io.acclimate.actors.OverCapacityException;
import io.acclimate.actors.Prediction;
import io.acclimate.actors.QuarantinedBatch;
import io.acclimate.actors.RuntimeListener;
import io.acclimate.actors.Timings;
import io.acclimate.actors.learn.LearnerEvent;
import io.acclimate.runtime.text.Names;
import io.acclimate.tta.AdaptationEvent;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Feeds the meters of a runtime. The embedder hands in a registry of any kind. The tag {@code
 * stream} is bounded: streams beyond the first so many share {@code other}. Thread-safe.
 */
public final class RuntimeMetrics implements RuntimeListener, AutoCloseable {
  /** The stream tag of those that have none of their own. */
  public static final String OTHER = "other";

  private static final Duration[] BOUNDS = {
    Duration.ofMillis(1),
    Duration.ofMillis(5),
    Duration.ofMillis(10),
    Duration.ofMillis(25),
    Duration.ofMillis(50),
    Duration.ofMillis(100),
    Duration.ofMillis(250),
    Duration.ofMillis(500),
    Duration.ofSeconds(1),
    Duration.ofSeconds(5)
  };

  private final AdaptiveRuntime runtime;
  private final MeterRegistry registry;
  private final MetricsSettings settings;
  private final Map<String, StreamMeters> own = new HashMap<>();
  private final StreamMeters shared;
  private final Timer waiting;
  private final Timer inference;
  private final Timer correction;
  private final Timer total;
  private final Counter calls;
  private final Counter requestRows;
  private final Counter fillingRows;
  private final LearnerMeters learner;
  private final Gauge streams;

  private RuntimeMetrics(
      AdaptiveRuntime runtime, MeterRegistry registry, MetricsSettings settings) {
    this.runtime = runtime;
    this.registry = registry;
    this.settings = settings;
    this.shared = new StreamMeters(registry, OTHER, settings.driftSamples());
    this.waiting = timer("waiting");
    this.inference = timer("inference");
    this.correction = timer("correction");
    this.total = timer("total");
    this.calls = Meters.counter(registry, RuntimeMeter.CALLS, Tags.empty());
    this.requestRows = Meters.counter(registry, RuntimeMeter.CALL_ROWS, Tags.of("kind", "request"));
    this.fillingRows = Meters.counter(registry, RuntimeMeter.CALL_ROWS, Tags.of("kind", "filling"));
    this.learner = new LearnerMeters(registry);
    this.streams =
        Meters.gauge(registry, RuntimeMeter.STREAMS, Tags.empty(), () -> runtime.streams().size());
  }

  /** Registers the meters of a runtime and feeds them until they are closed. */
  public static RuntimeMetrics of(
      AdaptiveRuntime runtime, MeterRegistry registry, MetricsSettings settings) {
    RuntimeMetrics metrics = new RuntimeMetrics(runtime, registry, settings);
    runtime.addListener(metrics);
    runtime.streams().forEach(metrics::opened);
    return metrics;
  }

  private Timer timer(String hop) {
    return Timer.builder(RuntimeMeter.LATENCY.meterName())
        .tag("hop", hop)
        .description(RuntimeMeter.LATENCY.meaning())
        .serviceLevelObjectives(BOUNDS)
        .register(registry);
  }

  @Override
  public synchronized void opened(AdaptiveStream stream) {
    if (own.size() < settings.streamTags() && !own.containsKey(stream.id())) {
      StreamMeters meters = new StreamMeters(registry, stream.id(), settings.driftSamples());
      meters.follow(stream, settings.classTags());
      own.put(stream.id(), meters);
    }
  }

  @Override
  public synchronized void closed(String stream) {
    StreamMeters meters = own.remove(stream);
    if (meters != null) {
      meters.remove();
    }
  }

  private synchronized StreamMeters of(String stream) {
    return own.getOrDefault(stream, shared);
  }

  @Override
  public void predicted(Prediction prediction, boolean learned) {
    of(prediction.stream()).predicted(prediction, learned);
    Timings timings = prediction.timings();
    waiting.record(timings.waitingNanos(), TimeUnit.NANOSECONDS);
    inference.record(timings.inferenceNanos(), TimeUnit.NANOSECONDS);
    correction.record(timings.correctionNanos(), TimeUnit.NANOSECONDS);
    total.record(timings.totalNanos(), TimeUnit.NANOSECONDS);
  }

  @Override
  public void inferred(int requests, int rows, int filling, long nanos) {
    calls.increment();
    requestRows.increment(rows);
    fillingRows.increment(filling);
  }

  /** What somebody asked for counts here, not with the next batch. */
  @Override
  public void reset(String stream, String reason) {
    of(stream).count(RuntimeMeter.RESETS, "cause", AdaptationEvent.CALLER);
  }

  @Override
  public void rejected(String stream, RuntimeException reason) {
    String word = reason instanceof OverCapacityException ? "capacity" : "closed";
    of(stream).count(RuntimeMeter.REJECTED, "reason", word);
  }

  @Override
  public void failed(String stream, RuntimeException cause) {
    of(stream).count(RuntimeMeter.FAILED);
  }

  @Override
  public void quarantined(QuarantinedBatch batch) {
    of(batch.stream()).count(RuntimeMeter.QUARANTINED);
  }

  @Override
  public void feedback(String stream, String predictionId, FeedbackOutcome outcome) {
    of(stream).count(RuntimeMeter.FEEDBACK, "outcome", Names.kebab(outcome));
  }

  @Override
  public void restarted(String stream, String reason) {
    of(stream).count(RuntimeMeter.RESTARTS);
  }

  @Override
  public void passivated(String stream) {
    of(stream).count(RuntimeMeter.PASSIVATIONS, "direction", "out");
  }

  @Override
  public void revived(String stream) {
    of(stream).count(RuntimeMeter.PASSIVATIONS, "direction", "in");
  }

  @Override
  public void learner(LearnerEvent event) {
    learner.on(event);
  }

  /**
   * Feeds the meters no more and takes all of them out of the registry, so that those of another
   * runtime can take their names.
   */
  @Override
  public synchronized void close() {
    runtime.removeListener(this);
    own.values().forEach(StreamMeters::remove);
    own.clear();
    shared.remove();
    learner.remove();
    List.of(waiting, inference, correction, total, calls, requestRows, fillingRows, streams)
        .forEach(registry::remove);
  }
}
