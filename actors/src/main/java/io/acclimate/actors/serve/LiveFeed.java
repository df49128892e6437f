package io.acclimate.actors.serve;

import io.acclimate.actors.AdaptiveStream;
import io.acclimate.actors.Prediction;
import io.acclimate.actors.QuarantinedBatch;
import io.acclimate.actors.RuntimeListener;
import io.acclimate.actors.learn.BackgroundLearner;
import io.acclimate.actors.learn.LearnerEvent;
import io.acclimate.actors.metrics.LabelDrift;
import io.acclimate.runtime.text.Names;
import io.acclimate.tta.AdaptationEvent;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.Scheduler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the live page shows: once a second one message of the busiest streams, of what has happened
 * to them, and of the learner in the background. The messages of the last minutes are kept for
 * pages that open later. Thread-safe.
 */
final class LiveFeed implements RuntimeListener {
  private static final Logger LOG = LoggerFactory.getLogger(LiveFeed.class);
  private static final int MAX_STREAMS = 50;
  private static final int MAX_EVENTS = 100;
  private static final int KEPT_MESSAGES = 180;
  private static final int DRIFT_SAMPLES = 500;

  private final ModelFace model;
  private final StreamCatalog streams;
  private final int maxWatchers;
  private final Set<Watcher> watchers = ConcurrentHashMap.newKeySet();
  private final Map<String, LabelDrift> drifts = new ConcurrentHashMap<>();
  private final Deque<Map<String, Object>> events = new ArrayDeque<>();
  private final LearnerView learner = new LearnerView();
  private final Deque<byte[]> kept = new ArrayDeque<>();
  private Scheduler scheduler;
  private boolean closed;

  /** Whether the last message could not be made, which is told once. */
  private boolean failing;

  LiveFeed(ModelFace model, StreamCatalog streams, int maxWatchers) {
    this.model = model;
    this.streams = streams;
    this.maxWatchers = maxWatchers;
  }

  /** Shows a learner before its first event. */
  void begin(BackgroundLearner from) {
    learner.begin(from.current());
  }

  /** Sends a message every second from here on. */
  synchronized void start(Scheduler clock) {
    scheduler = clock;
    tick();
  }

  private synchronized void tick() {
    if (closed) {
      return;
    }
    try {
      publish(message());
      failing = false;
    } catch (RuntimeException e) {
      if (!failing) {
        LOG.error("the live page has no message of this second, and tries again", e);
      }
      failing = true;
    } finally {
      scheduler.schedule(this::tick, 1, TimeUnit.SECONDS);
    }
  }

  /** Sends a message to all that watch, and keeps it for those who come later. */
  synchronized void publish(byte[] message) {
    if (kept.size() == KEPT_MESSAGES) {
      kept.removeFirst();
    }
    kept.addLast(message);
    List.copyOf(watchers).forEach(watcher -> watcher.send(message));
  }

  /** Makes a request an event stream that begins with the last minutes. */
  synchronized void watch(Exchange exchange) {
    if (closed || watchers.size() >= maxWatchers) {
      throw new RefusedException(
          HttpStatus.SERVICE_UNAVAILABLE_503,
          "%d event streams are open, no more fit (limits.watchers)".formatted(watchers.size()));
    }
    exchange.response().setStatus(HttpStatus.OK_200);
    exchange.response().getHeaders().put(HttpHeader.CONTENT_TYPE, "text/event-stream");
    Watcher watcher = new Watcher(new Connected(exchange), watchers::remove);
    watchers.add(watcher);
    watcher.send(joined());
  }

  /** A client on its connection. */
  private record Connected(Exchange exchange) implements Watcher.Client {
    @Override
    public void write(boolean last, ByteBuffer bytes, Callback callback) {
      exchange.response().write(last, bytes, last ? exchange.callback() : callback);
    }

    @Override
    public void drop() {
      exchange
          .refusals()
          .note(exchange.request(), HttpStatus.REQUEST_TIMEOUT_408, "an event stream is not read");
      Throwable cause = new TimeoutException("an event stream is not read");
      exchange.request().getConnectionMetaData().getConnection().getEndPoint().close(cause);
    }

    @Override
    public void end(Throwable cause) {
      exchange.callback().failed(cause);
    }
  }

  private byte[] joined() {
    StringBuilder all = new StringBuilder();
    kept.forEach(message -> all.append(new String(message, StandardCharsets.UTF_8)));
    return all.toString().getBytes(StandardCharsets.UTF_8);
  }

  int watchers() {
    return watchers.size();
  }

  /** Ends all event streams. */
  void close() {
    synchronized (this) {
      closed = true;
    }
    List.copyOf(watchers).forEach(Watcher::close);
  }

  /** A stream with its batches at one moment: ranking needs numbers that stand still. */
  private record Ranked(AdaptiveStream stream, long batches) {}

  private byte[] message() {
    List<AdaptiveStream> all = streams.here();
    List<Map<String, Object>> shown = new ArrayList<>();
    all.stream()
        .map(stream -> new Ranked(stream, stream.nextBatch()))
        .sorted(Comparator.comparingLong(Ranked::batches).reversed())
        .limit(MAX_STREAMS)
        .sorted(Comparator.comparing(ranked -> ranked.stream().id()))
        .forEach(ranked -> shown.add(view(ranked.stream())));
    Map<String, Object> message = new LinkedHashMap<>();
    message.put("time", System.currentTimeMillis());
    message.put("model", model.name());
    message.put("version", model.version());
    message.put("classes", model.classNames());
    message.put("open", all.size());
    message.put("streams", shown);
    message.put("events", drainEvents());
    learner.view().ifPresent(view -> message.put("learner", view));
    return ("data: " + new String(Json.bytes(message), StandardCharsets.UTF_8) + "\n\n")
        .getBytes(StandardCharsets.UTF_8);
  }

  private Map<String, Object> view(AdaptiveStream stream) {
    Map<String, Object> view = StreamView.of(stream, stream.stats());
    LabelDrift drift = drifts.get(stream.id());
    view.put("drift", drift == null ? 0 : drift.value());
    return view;
  }

  private List<Map<String, Object>> drainEvents() {
    synchronized (events) {
      List<Map<String, Object>> drained = List.copyOf(events);
      events.clear();
      return drained;
    }
  }

  private void happened(String stream, String kind, String subject, String reason) {
    Map<String, Object> event =
        Map.of(
            "time", System.currentTimeMillis(),
            "stream", stream,
            "kind", kind,
            "subject", subject,
            "reason", reason);
    synchronized (events) {
      if (events.size() == MAX_EVENTS) {
        events.removeFirst();
      }
      events.addLast(event);
    }
  }

  @Override
  public void predicted(Prediction prediction, boolean learned) {
    drifts
        .computeIfAbsent(prediction.stream(), id -> new LabelDrift(DRIFT_SAMPLES))
        .add(prediction);
    for (AdaptationEvent event : prediction.events()) {
      if (!event.subject().equals(AdaptationEvent.CALLER)) {
        happened(prediction.stream(), Names.kebab(event.kind()), event.subject(), event.reason());
      }
    }
    prediction
        .fallback()
        .ifPresent(reason -> happened(prediction.stream(), "fallback", "", reason));
  }

  /** What somebody asked for is told at once, not only with the next batch. */
  @Override
  public void reset(String stream, String reason) {
    happened(stream, "reset", AdaptationEvent.CALLER, reason);
  }

  @Override
  public void closed(String stream) {
    drifts.remove(stream);
  }

  @Override
  public void frozen(String stream, boolean frozen) {
    happened(stream, frozen ? "freeze" : "unfreeze", AdaptationEvent.CALLER, "asked for");
  }

  @Override
  public void learner(LearnerEvent event) {
    learner.on(event);
  }

  @Override
  public void quarantined(QuarantinedBatch batch) {
    happened(batch.stream(), "quarantine", "", batch.reason());
  }

  @Override
  public void restarted(String stream, String reason) {
    happened(stream, "restart", AdaptationEvent.FAILURE, reason);
  }
}
