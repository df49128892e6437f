package io.acclimate.actors.metrics;

import io.acclimate.actors.learn.LearnerEvent;
import io.acclimate.actors.learn.TaskDecision;
import io.acclimate.runtime.text.Names;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The meters of the learner in the background; each is there from its first value on. Thread-safe.
 */
final class LearnerMeters {
  private final MeterRegistry registry;
  private final Map<Gauged, Double> values = new ConcurrentHashMap<>();
  private final Set<Meter> registered = ConcurrentHashMap.newKeySet();

  /** A gauge. */
  private record Gauged(RuntimeMeter meter, Tags tags) {}

  LearnerMeters(MeterRegistry registry) {
    this.registry = registry;
  }

  void on(LearnerEvent event) {
    if (event instanceof LearnerEvent.Step step) {
      boolean learned = step.refusal().isEmpty();
      count(RuntimeMeter.LEARNER_STEPS, Tags.of("result", learned ? "learned" : "refused"));
      if (learned) {
        set(RuntimeMeter.LEARNER_LOSS, Tags.empty(), step.loss());
      }
    } else if (event instanceof LearnerEvent.Decided decided) {
      decided(decided.decision());
    } else if (event instanceof LearnerEvent.Served served
        && served.change() == LearnerEvent.Change.REVERT) {
      count(RuntimeMeter.ADAPTER_REVERTS, Tags.empty());
    }
  }

  private void decided(TaskDecision decision) {
    Tags outcome =
        Tags.of("verdict", Names.kebab(decision.verdict()), "cause", Names.kebab(decision.cause()));
    count(RuntimeMeter.LEARNER_DECISIONS, outcome);
    if (!decision.measured()) {
      return;
    }
    set(RuntimeMeter.LEARNER_ACCURACY, Tags.of("model", "candidate"), decision.accuracy());
    set(RuntimeMeter.LEARNER_ACCURACY, Tags.of("model", "served"), decision.baseline());
    decision
        .mostForgetting()
        .ifPresent(most -> set(RuntimeMeter.LEARNER_FORGETTING, Tags.empty(), most));
  }

  private void count(RuntimeMeter meter, Tags tags) {
    Counter counter = Meters.counter(registry, meter, tags);
    registered.add(counter);
    counter.increment();
  }

  private void set(RuntimeMeter meter, Tags tags, double value) {
    Gauged gauged = new Gauged(meter, tags);
    if (values.put(gauged, value) == null) {
      registered.add(Meters.gauge(registry, meter, tags, () -> values.get(gauged)));
    }
  }

  /** Removes all of them from the registry. */
  void remove() {
    registered.forEach(registry::remove);
  }
}
