package io.acclimate.actors.metrics;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.function.Supplier;

/** The meters of the HTTP server. */
public final class HttpMetrics {
  private HttpMetrics() {}

  /** Counts a refused request. */
  public static void refused(MeterRegistry registry, int status) {
    Meters.counter(registry, RuntimeMeter.HTTP_REFUSED, Tags.of("status", Integer.toString(status)))
        .increment();
  }

  /** Registers the number of open event streams. */
  public static void registerWatchers(MeterRegistry registry, Supplier<Number> watchers) {
    Meters.gauge(registry, RuntimeMeter.HTTP_WATCHERS, Tags.empty(), watchers);
  }
}
