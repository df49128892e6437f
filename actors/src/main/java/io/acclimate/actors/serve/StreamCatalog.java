package io.acclimate.actors.serve;

import com.typesafe.config.Config;
import io.acclimate.actors.AdaptiveRuntime;
import io.acclimate.actors.AdaptiveStream;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.regex.Pattern;
import org.eclipse.jetty.http.HttpStatus;

/**
 * The streams that clients can reach: those that were opened at the start, and where it is allowed
 * those that the first batch for an unknown id opens. Thread-safe.
 */
public final class StreamCatalog {
  private static final Pattern ID = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._:-]{0,127}");

  private final AdaptiveRuntime runtime;
  private final Rules rules;
  private final Map<String, Entry> streams = new ConcurrentSkipListMap<>();

  /** An open stream and the name of its method. */
  record Entry(AdaptiveStream stream, String method) {}

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
  public StreamCatalog(AdaptiveRuntime runtime, Rules rules) {
    this.runtime = runtime;
    this.rules = rules;
  }

  AdaptiveRuntime runtime() {
    return runtime;
  }

  /** Whether a text can be a stream's id: 1 to 128 letters, digits and {@code ._:-}. */
  public static boolean isId(String text) {
    return ID.matcher(text).matches();
  }

  /**
   * Opens a stream.
   *
   * @throws io.acclimate.runtime.AcclimateException as {@link AdaptiveRuntime#stream} does
   */
  public synchronized AdaptiveStream open(String id, String method, Config settings) {
    AdaptiveStream stream = runtime.stream(id, method, settings);
    streams.put(id, new Entry(stream, method));
    return stream;
  }

  /** The stream of a request for inference, opened where that is allowed. */
  AdaptiveStream forInference(Optional<String> named) {
    String id = named.orElse(rules.defaultStream());
    requireId(id);
    Entry entry = streams.get(id);
    return entry == null ? openNew(id) : entry.stream();
  }

  private synchronized AdaptiveStream openNew(String id) {
    if (streams.containsKey(id)) {
      return streams.get(id).stream();
    }
    if (!rules.open()) {
      throw unknown(id);
    }
    if (streams.size() >= rules.max()) {
      throw new RefusedException(
          HttpStatus.SERVICE_UNAVAILABLE_503,
          "%d streams are open, no more fit (new-streams.max)".formatted(streams.size()));
    }
    return open(id, rules.method(), rules.methodSettings());
  }

  /** An open stream. */
  Entry require(String id) {
    requireId(id);
    Entry entry = streams.get(id);
    if (entry == null) {
      throw unknown(id);
    }
    return entry;
  }

  private static void requireId(String id) {
    if (!isId(id)) {
      throw new RefusedException(
          HttpStatus.BAD_REQUEST_400,
          "stream: expected 1 to 128 letters, digits, '.', '_', ':' or '-', found another text");
    }
  }

  private static RefusedException unknown(String id) {
    return new RefusedException(HttpStatus.NOT_FOUND_404, "no stream '" + id + "' is open");
  }

  /** All open streams by their ids. */
  List<Entry> all() {
    return List.copyOf(streams.values());
  }
}
