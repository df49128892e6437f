package io.acclimate.actors.serve;

import io.acclimate.actors.StreamHost;
import io.acclimate.actors.learn.BackgroundLearner;
import io.acclimate.actors.metrics.HttpMetrics;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.FrozenModel;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.handler.DoSHandler;
import org.eclipse.jetty.server.handler.GracefulHandler;
import org.eclipse.jetty.server.handler.MinimumDataRateHandler;
import org.eclipse.jetty.server.handler.QoSHandler;
import org.eclipse.jetty.server.handler.SizeLimitHandler;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/**
 * Serves the streams of a runtime, or of a cluster through one of its nodes, over HTTP.
 * Thread-safe.
 *
 * <p>Closing refuses new requests, waits for those under way and frees the port; runtime and model
 * stay open and belong to the caller.
 */
public final class InferenceServer implements AutoCloseable {
  /** Bytes of a request's head; the longest honest one has a token and a path of some hundred. */
  private static final int HEAD_BYTES = 8 * 1024;

  private static final String EVENTS = "/events";
  private static final String METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";
  private static final int MAX_THREADS = 32;
  private static final int MIN_THREADS = 4;
  private static final int MAX_CLIENTS = 100_000;
  private static final Duration CLIENT_MEMORY = Duration.ofMinutes(1);

  private final Server server;
  private final ServerConnector connector;
  private final SlowHeads slowHeads;
  private final StreamHost host;
  private final LiveFeed feed;

  /**
   * What is served.
   *
   * @param model the frozen model of the runtime
   * @param logits the name of the model's output with the logits
   * @param classNames names of the classes; empty: their numbers
   * @param streams the streams that clients can reach
   * @param learner the learner in the background, which clients can watch and whose adapters they
   *     can roll back; empty: there are no such calls
   * @param meters what {@code /metrics} shows, and where the server counts; empty: no such page
   */
  public record Content(
      FrozenModel model,
      String logits,
      List<String> classNames,
      StreamCatalog streams,
      Optional<BackgroundLearner> learner,
      Optional<PrometheusMeterRegistry> meters) {}

  private InferenceServer(ServeSettings settings, Content content) {
    QueuedThreadPool threads = new QueuedThreadPool(MAX_THREADS, MIN_THREADS);
    threads.setName("acclimate-http");
    threads.setDaemon(true);
    this.server = new Server(threads);
    this.connector = connector(server, settings);
    server.addConnector(connector);
    ServeLimits limits = settings.limits();
    server.addBean(new NetworkConnectionLimit(limits.connections(), connector));
    this.slowHeads = new SlowHeads(server.getScheduler(), limits.header());
    connector.addBean(slowHeads);
    this.host = content.streams().host();
    ModelFace model = ModelFace.of(content.model(), content.logits(), content.classNames());
    this.feed = new LiveFeed(model, content.streams(), limits.watchers());
    content.learner().ifPresent(feed::begin);
    content.meters().ifPresent(meters -> HttpMetrics.registerWatchers(meters, feed::watchers));
    RefusalLog refusals =
        new RefusalLog(
            status -> content.meters().ifPresent(meters -> HttpMetrics.refused(meters, status)));
    server.setErrorHandler(new JsonErrors(refusals));
    Router router = new Router(refusals);
    register(router, limits, content, model);
    server.setHandler(guards(settings, refusals, router));
  }

  /**
   * Starts serving.
   *
   * @throws AcclimateException when the address cannot be listened on
   */
  public static InferenceServer start(ServeSettings settings, Content content) {
    InferenceServer serving = new InferenceServer(settings, content);
    try {
      serving.server.start();
    } catch (Exception e) {
      serving.close();
      throw new AcclimateException(
          "cannot listen on %s port %d: %s"
              .formatted(settings.host(), settings.port(), e.getMessage()),
          e);
    }
    serving.slowHeads.start();
    serving.host.addListener(serving.feed);
    serving.feed.start(serving.server.getScheduler());
    return serving;
  }

  private static ServerConnector connector(Server server, ServeSettings settings) {
    HttpConfiguration http = new HttpConfiguration();
    http.setSendServerVersion(false);
    http.setRequestHeaderSize(HEAD_BYTES);
    ServerConnector connector = new ServerConnector(server, new HttpConnectionFactory(http));
    connector.setHost(settings.host());
    connector.setPort(settings.port());
    connector.setIdleTimeout(settings.limits().idle().toMillis());
    return connector;
  }

  private void register(Router router, ServeLimits limits, Content content, ModelFace model) {
    List<String> extensions = new ArrayList<>(List.of("binary_tensor_data", "acclimate_streams"));
    content.learner().ifPresent(learner -> extensions.add("acclimate_learner"));
    ProtocolCalls protocol =
        new ProtocolCalls(model, content.streams(), limits.jsonDepth(), extensions);
    protocol.register(router);
    new StreamCalls(protocol, content.streams(), limits.jsonDepth()).register(router);
    content
        .learner()
        .ifPresent(
            learner -> new LearnerCalls(protocol, learner, limits.jsonDepth()).register(router));
    LivePage page = new LivePage();
    router
        .add(HttpMethod.GET, "/", (exchange, names) -> page.answer(exchange))
        .add(HttpMethod.GET, EVENTS, (exchange, names) -> feed.watch(exchange));
    content
        .meters()
        .ifPresent(
            meters ->
                router.add(
                    HttpMethod.GET, "/metrics", (exchange, names) -> scrape(exchange, meters)));
  }

  private static void scrape(Exchange exchange, PrometheusMeterRegistry meters) {
    exchange.send(
        HttpStatus.OK_200, METRICS_TYPE, meters.scrape().getBytes(StandardCharsets.UTF_8));
  }

  /** From the outside in: rate, who may enter, how many at once, size and speed of bodies. */
  private static Handler guards(ServeSettings settings, RefusalLog refusals, Handler inside) {
    ServeLimits limits = settings.limits();
    Handler slow = new MinimumDataRateHandler(inside, limits.bytesPerSecond(), 0);
    SizeLimitHandler sized = new SizeLimitHandler(limits.requestBytes(), -1);
    sized.setHandler(slow);
    QoSHandler crowd = new QoSHandler(sized);
    crowd.setMaxRequestCount(limits.requests());
    crowd.setMaxSuspendedRequestCount(0);
    crowd.excludePath("/v2/health/*", EVENTS);
    Handler gate = new GracefulHandler(new Gatekeeper(settings, refusals, crowd));
    if (limits.requestsPerSecond() == 0) {
      return gate;
    }
    return new DoSHandler(
        gate,
        DoSHandler.ID_FROM_REMOTE_ADDRESS,
        new DoSHandler.LeakingBucketTrackerFactory(
            limits.requestsPerSecond(), limits.burst(), CLIENT_MEMORY),
        new DoSHandler.StatusRejectHandler(),
        MAX_CLIENTS);
  }

  /** Hears what the live page shows. */
  LiveFeed feed() {
    return feed;
  }

  /** The port that is listened on. */
  public int port() {
    return connector.getLocalPort();
  }

  /** Where the live page is. */
  public URI uri() {
    String host = connector.getHost();
    return URI.create(
        "http://%s:%d/".formatted(host.contains(":") ? "[" + host + "]" : host, port()));
  }

  /** How long closing waits for requests under way. */
  public InferenceServer drain(Duration patience) {
    server.setStopTimeout(patience.toMillis());
    return this;
  }

  /** Refuses new requests, waits for those under way and frees the port. */
  @Override
  public void close() {
    slowHeads.stop();
    host.removeListener(feed);
    feed.close();
    try {
      server.stop();
    } catch (Exception e) {
      throw new IllegalStateException("the server was not stopped as it should be", e);
    }
  }
}
