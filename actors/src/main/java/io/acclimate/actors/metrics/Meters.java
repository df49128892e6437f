package io.acclimate.actors.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/** Registers meters with the words and units of {@link RuntimeMeter}. */
final class Meters {
  private Meters() {}

  static Counter counter(MeterRegistry registry, RuntimeMeter meter, Tags tags) {
    return Counter.builder(meter.meterName())
        .tags(tags)
        .description(meter.meaning())
        .baseUnit(meter.unit())
        .register(registry);
  }

  static <T> FunctionCounter counter(
      MeterRegistry registry, RuntimeMeter meter, Tags tags, T of, ToDoubleFunction<T> value) {
    return FunctionCounter.builder(meter.meterName(), of, value)
        .tags(tags)
        .description(meter.meaning())
        .baseUnit(meter.unit())
        .register(registry);
  }

  static Gauge gauge(
      MeterRegistry registry, RuntimeMeter meter, Tags tags, Supplier<Number> value) {
    return Gauge.builder(meter.meterName(), value)
        .tags(tags)
        .description(meter.meaning())
        .baseUnit(meter.unit())
        .register(registry);
  }
}
