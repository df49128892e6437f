package io.acclimate.actors.metrics;

import io.acclimate.actors.AdaptiveStream;
import io.acclimate.actors.Prediction;
import io.acclimate.actors.RecentStats;
import io.acclimate.actors.ServedAdapter;
import io.acclimate.tta.AdaptationEvent;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.ToDoubleFunction;

/** The meters of one stream, or of the many that share a tag. Thread-safe. */
final class StreamMeters {
  private final MeterRegistry registry;
  private final String tag;
  private final LabelDrift drift;
  private final Map<List<String>, Counter> counters = new ConcurrentHashMap<>();
  private final Set<Meter> others = ConcurrentHashMap.newKeySet();
  private final AtomicLong adapterVersion = new AtomicLong();
  private final AtomicBoolean adapterKnown = new AtomicBoolean();
  private volatile boolean followed;

  StreamMeters(MeterRegistry registry, String tag, int driftSamples) {
    this.registry = registry;
    this.tag = tag;
    this.drift = new LabelDrift(driftSamples);
  }

  /** Registers what is read from a stream when somebody looks. */
  void follow(AdaptiveStream stream, int classTags) {
    followed = true;
    gauge(RuntimeMeter.ENTROPY, stream, s -> recent(s).meanEntropy());
    gauge(RuntimeMeter.DISAGREEMENT, stream, s -> recent(s).disagreement());
    gauge(RuntimeMeter.ACCURACY, stream, s -> recent(s).accuracy().orElse(Double.NaN));
    gauge(RuntimeMeter.LABEL_DRIFT, stream, s -> drift.value());
    gauge(RuntimeMeter.FROZEN, stream, s -> s.stats().frozen() ? 1 : 0);
    passes(stream, "forward", s -> s.stats().counts().forwards());
    passes(stream, "backward", s -> s.stats().counts().backwards());
    int classes = recent(stream).labelDistribution().length;
    for (int c = 0; c < classes && classes <= classTags; c++) {
      int label = c;
      gauge(
          RuntimeMeter.LABEL_SHARE,
          stream,
          s -> recent(s).labelDistribution()[label],
          "class",
          Integer.toString(label));
    }
  }

  private static RecentStats recent(AdaptiveStream stream) {
    return stream.stats().recent();
  }

  private void gauge(
      RuntimeMeter meter,
      AdaptiveStream stream,
      ToDoubleFunction<AdaptiveStream> value,
      String... moreTags) {
    others.add(Meters.gauge(registry, meter, tags(moreTags), () -> value.applyAsDouble(stream)));
  }

  private void passes(
      AdaptiveStream stream, String direction, ToDoubleFunction<AdaptiveStream> value) {
    others.add(
        Meters.counter(registry, RuntimeMeter.PASSES, tags("direction", direction), stream, value));
  }

  private Tags tags(String... moreTags) {
    return Tags.of("stream", tag).and(moreTags);
  }

  void predicted(Prediction prediction, boolean learned) {
    drift.add(prediction);
    count(RuntimeMeter.BATCHES, "learned", Boolean.toString(learned));
    counter(RuntimeMeter.SAMPLES).increment(prediction.size());
    if (prediction.fallback().isPresent()) {
      count(RuntimeMeter.FALLBACKS);
    }
    if (followed) {
      answeredBy(prediction.adapter());
    }
    for (AdaptationEvent event : prediction.events()) {
      if (event.kind() == AdaptationEvent.Kind.CHOICE) {
        count(RuntimeMeter.CHOICES, "choice", event.subject());
      } else if (!event.subject().equals(AdaptationEvent.CALLER)) {
        count(RuntimeMeter.RESETS, "cause", event.subject());
      }
    }
  }

  private void answeredBy(Optional<ServedAdapter> adapter) {
    adapterVersion.set(adapter.map(one -> one.ref().version()).orElse(0L));
    if (adapter.isPresent() && adapterKnown.compareAndSet(false, true)) {
      others.add(Meters.gauge(registry, RuntimeMeter.ADAPTER_VERSION, tags(), adapterVersion::get));
    }
  }

  /** Counts one more. */
  void count(RuntimeMeter meter, String... moreTags) {
    counter(meter, moreTags).increment();
  }

  private Counter counter(RuntimeMeter meter, String... moreTags) {
    List<String> key = new ArrayList<>(List.of(moreTags));
    key.add(meter.meterName());
    return counters.computeIfAbsent(key, absent -> Meters.counter(registry, meter, tags(moreTags)));
  }

  /** Removes all of them from the registry. */
  void remove() {
    counters.values().forEach(registry::remove);
    others.forEach(registry::remove);
  }
}
