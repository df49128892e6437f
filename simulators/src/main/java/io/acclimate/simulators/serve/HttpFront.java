package io.acclimate.simulators.serve;

import com.typesafe.config.Config;
import io.acclimate.actors.AdaptiveRuntime;
import io.acclimate.actors.RuntimeSettings;
import io.acclimate.actors.StreamHost;
import io.acclimate.actors.learn.BackgroundLearner;
import io.acclimate.actors.metrics.FlightRecording;
import io.acclimate.actors.metrics.MetricsSettings;
import io.acclimate.actors.metrics.ProcessMetrics;
import io.acclimate.actors.metrics.RuntimeMetrics;
import io.acclimate.actors.serve.InferenceServer;
import io.acclimate.actors.serve.ServeSettings;
import io.acclimate.actors.serve.StreamCatalog;
import io.acclimate.runtime.FrozenModel;
import io.acclimate.runtime.settings.SettingsReader;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.List;
import java.util.Optional;

/**
 * What files say of the HTTP side, whether one process serves or a node of a cluster.
 *
 * @param classNames names of the classes; empty: their numbers
 * @param newStreams how streams come to be that a request names first
 * @param metrics how much the meters tell apart
 * @param serve where to listen and what to allow
 */
public record HttpFront(
    List<String> classNames,
    StreamCatalog.Rules newStreams,
    MetricsSettings metrics,
    ServeSettings serve) {

  /** Reads the sections and leaves their mistakes with the reader. */
  public static HttpFront read(SettingsReader reader) {
    return new HttpFront(
        reader.list("class-names").stream().map(name -> String.valueOf(name.unwrapped())).toList(),
        newStreams(reader.child("new-streams")),
        MetricsSettings.read(reader.child("metrics", MetricsSettings.defaultConfig())),
        ServeSettings.read(reader.child("serve", ServeSettings.defaultConfig())));
  }

  private static StreamCatalog.Rules newStreams(SettingsReader settings) {
    settings.rejectUnknown();
    String method = settings.text("method");
    Config methodSettings = settings.object("settings");
    StreamMethods.require(settings, methodSettings.origin(), "settings", method, methodSettings);
    return new StreamCatalog.Rules(
        settings.text("default"),
        settings.flag("open"),
        settings.integer("max", 1, 1_000_000),
        method,
        methodSettings);
  }

  /** The same on another port. */
  public HttpFront onPort(int port) {
    return new HttpFront(classNames, newStreams, metrics, serve.withPort(port));
  }

  /** Meters and flight recording of a runtime. */
  public PrometheusMeterRegistry watch(AdaptiveRuntime runtime) {
    PrometheusMeterRegistry meters = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    RuntimeMetrics.of(runtime, meters, metrics);
    ProcessMetrics.register(meters);
    runtime.addListener(new FlightRecording());
    return meters;
  }

  /** Streams that clients can reach; none is open yet. */
  public StreamCatalog catalog(StreamHost host) {
    return new StreamCatalog(host, newStreams);
  }

  /**
   * Starts to serve.
   *
   * @throws io.acclimate.runtime.AcclimateException when the address cannot be listened on
   */
  public InferenceServer start(
      FrozenModel model,
      RuntimeSettings runtime,
      StreamCatalog streams,
      Optional<BackgroundLearner> learner,
      PrometheusMeterRegistry meters) {
    InferenceServer.Content content =
        new InferenceServer.Content(
            model, runtime.logitsOutput(), classNames, streams, learner, Optional.of(meters));
    return InferenceServer.start(serve, content).drain(runtime.drain());
  }
}
