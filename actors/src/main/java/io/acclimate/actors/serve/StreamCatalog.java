package io.acclimate.actors.serve;

import com.typesafe.config.Config;
import io.acclimate.actors.AdaptiveStream;
import io.acclimate.actors.ServedStream;
import io.acclimate.actors.StreamHost;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.eclipse.jetty.http.HttpStatus;

/**
 * The streams that clients can reach: those that were opened at the start, and where it is allowed
 * those that the first batch for an unknown id opens. Thread-safe.
 */
public final class StreamCatalog {
  private static final Pattern ID = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._:-]{0,127}");

  /** How often it is looked for streams that other processes have closed. */
  private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final StreamHost host;
  private final Rules rules;
  private final Map<String, ServedStream> streams = new ConcurrentSkipListMap<>();

  /** How streams are opened that do not come to be by the rules. */
  private final Map<String, Opening> openings = new ConcurrentHashMap<>();

  private long lookedNanos = System.nanoTime() - LOOK_NANOS;

  private record Opening(String method, Config settings) {}

  /**
   * How streams come to be.
   *
   * @param defaultStream the stream of requests that name none
   * @param open whether the first batch for an unknown id opens a stream
   * @param max the most streams that may be open
   * @param method the method of streams that a request opens
   * @param methodSettings settings over the method's defaults
   */
  public record Rules(
      String defaultStream, boolean open, int max, String method, Config methodSettings) {}

  /** A catalogue without streams. */
  public StreamCatalog(StreamHost host, Rules rules) {
    this.host = host;
    this.rules = rules;
  }

  StreamHost host() {
    return host;
  }

  /**
   * Whether a text can be a stream's id: 1 to 128 letters, digits and {@code ._:-}, beginning with
   * a letter, a digit or {@code _}.
   */
  public static boolean isId(String text) {
    return ID.matcher(text).matches();
  }

  /**
   * Opens a stream. Should a client close it, its next batch opens it in the same way.
   *
   * @throws io.acclimate.runtime.AcclimateException as {@link StreamHost#stream} does
   */
  public synchronized ServedStream open(String id, String method, Config settings) {
    Opening opening = new Opening(method, settings);
    ServedStream stream = open(id, opening);
    openings.put(id, opening);
    return stream;
  }

  private ServedStream open(String id, Opening opening) {
    ServedStream stream = host.stream(id, opening.method(), opening.settings());
    streams.put(id, stream);
    return stream;
  }

  /**
   * Closes a stream. It keeps its place, and refuses its calls, until it has ended.
   *
   * @return completed when it has ended
   */
  synchronized CompletionStage<Void> close(ServedStream stream) {
    if (streams.get(stream.id()) != stream) {
      return CompletableFuture.completedStage(null); // somebody else has closed it
    }
    return host.closeStream(stream.id())
        .whenComplete((done, error) -> streams.remove(stream.id(), stream));
  }

  /** The stream of a request for inference, opened where that is allowed. */
  ServedStream forInference(Optional<String> named) {
    String id = named.orElse(rules.defaultStream());
    requireId(id);
    ServedStream stream = streams.get(id);
    return stream == null ? openNew(id, rules.open() || openings.containsKey(id)) : stream;
  }

  private synchronized ServedStream openNew(String id, boolean allowed) {
    if (streams.containsKey(id)) {
      return streams.get(id);
    }
    if (!allowed && !host.sharesStream(id)) {
      throw unknown(id);
    }
    if (streams.size() >= rules.max()) {
      forgetClosed();
    }
    if (streams.size() >= rules.max()) {
      throw new RefusedException(
          HttpStatus.SERVICE_UNAVAILABLE_503,
          "%d streams are open, no more fit (new-streams.max)".formatted(streams.size()));
    }
    Opening byRules = new Opening(rules.method(), rules.methodSettings());
    return open(id, openings.getOrDefault(id, byRules));
  }

  /** For each stream the host may have to look at the disk. */
  private void forgetClosed() {
    long now = System.nanoTime();
    if (now - lookedNanos >= LOOK_NANOS) {
      lookedNanos = now;
      streams.keySet().removeIf(host::forgetClosed);
    }
  }

  /** An open stream, or one that another process has opened and shares. */
  ServedStream require(String id) {
    requireId(id);
    if (host.forgetClosed(id)) {
      streams.remove(id);
    }
    ServedStream stream = streams.get(id);
    return stream == null ? openNew(id, false) : stream;
  }

  private static void requireId(String id) {
    if (!isId(id)) {
      throw new RefusedException(
          HttpStatus.BAD_REQUEST_400,
          "stream: expected 1 to 128 letters, digits, '.', '_', ':' or '-', not beginning with"
              + " '.', ':' or '-'; found another text");
    }
  }

  private static RefusedException unknown(String id) {
    return new RefusedException(HttpStatus.NOT_FOUND_404, "no stream '" + id + "' is open");
  }

  /** The streams among them that live in this process, sorted by id. */
  List<AdaptiveStream> here() {
    return host.streams().stream()
        .filter(stream -> streams.containsKey(stream.id()) || host.sharesStream(stream.id()))
        .toList();
  }
}
