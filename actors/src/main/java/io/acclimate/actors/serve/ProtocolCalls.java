package io.acclimate.actors.serve;

import static org.eclipse.jetty.http.HttpMethod.GET;
import static org.eclipse.jetty.http.HttpMethod.POST;

import io.acclimate.actors.Prediction;
import io.acclimate.actors.ServedStream;
import io.acclimate.runtime.AcclimateException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;

/** The calls of the Open Inference Protocol, version 2. */
final class ProtocolCalls {
  /** Names the stream of a request, where the request's parameters do not. */
  static final String STREAM_HEADER = "Acclimate-Stream";

  private static final String BINARY_HEADER = "Inference-Header-Content-Length";
  private static final String BINARY_TYPE = "application/octet-stream";
  private static final String JSON_TYPE = "application/json";

  private final ModelFace model;
  private final StreamCatalog streams;
  private final InferenceRequestReader reader;
  private final List<String> extensions;

  /**
   * @param extensions what this server can beside the protocol
   */
  ProtocolCalls(ModelFace model, StreamCatalog streams, int jsonDepth, List<String> extensions) {
    this.model = model;
    this.extensions = extensions;
    this.streams = streams;
    this.reader = new InferenceRequestReader(model.input(), jsonDepth);
  }

  void register(Router router) {
    router
        .add(GET, "/v2", (exchange, names) -> exchange.json(server()))
        .add(GET, "/v2/health/live", (exchange, names) -> exchange.json(Map.of("live", true)))
        .add(GET, "/v2/health/ready", (exchange, names) -> ready(exchange, Map.of("ready", true)));
    for (String base : List.of("/v2/models/{model}", "/v2/models/{model}/versions/{version}")) {
      router
          .add(GET, base, onModel(exchange -> exchange.json(model.metadata())))
          .add(GET, base + "/ready", onModel(exchange -> ready(exchange, model())))
          .add(POST, base + "/infer", onModel(exchange -> exchange.body(b -> infer(exchange, b))));
    }
  }

  private Map<String, Object> server() {
    String version = ProtocolCalls.class.getPackage().getImplementationVersion();
    return Map.of(
        "name",
        "acclimate",
        "version",
        Optional.ofNullable(version).orElse("development"),
        "extensions",
        extensions);
  }

  private Map<String, Object> model() {
    return Map.of("name", model.name(), "ready", true);
  }

  private void ready(Exchange exchange, Map<String, Object> answer) {
    if (!streams.host().isReady()) {
      throw new RefusedException(
          HttpStatus.SERVICE_UNAVAILABLE_503,
          "no batch can be taken in now; the log has the cause");
    }
    exchange.json(answer);
  }

  /** Something to do with the model, once the path is seen to name it. */
  @FunctionalInterface
  interface ModelAction {
    void answer(Exchange exchange);
  }

  Router.Action onModel(ModelAction action) {
    return (exchange, names) -> {
      requireModel(names);
      action.answer(exchange);
    };
  }

  void requireModel(Map<String, String> names) {
    if (!names.get("model").equals(model.name())) {
      throw new RefusedException(
          HttpStatus.NOT_FOUND_404, "no such model; this server has '" + model.name() + "'");
    }
    String version = names.getOrDefault("version", model.version());
    if (!version.equals(model.version())) {
      throw new RefusedException(
          HttpStatus.NOT_FOUND_404,
          "no such version of %s; this server has %s".formatted(model.name(), model.version()));
    }
  }

  private void infer(Exchange exchange, byte[] body) {
    requireNoEncoding(exchange);
    InferenceRequest request = reader.read(body, headerBytes(exchange));
    Optional<String> header =
        Optional.ofNullable(exchange.request().getHeaders().get(STREAM_HEADER));
    ServedStream stream = streams.forInference(request.stream().or(() -> header));
    exchange.whenDone(
        request.learn() ? stream.adapt(request.input()) : stream.predict(request.input()),
        prediction -> answer(exchange, request, prediction));
  }

  private void answer(Exchange exchange, InferenceRequest request, Prediction prediction) {
    InferenceAnswer answer = InferenceAnswer.of(model, request, prediction);
    answer
        .jsonBytes()
        .ifPresent(bytes -> exchange.response().getHeaders().put(BINARY_HEADER, bytes));
    String type = answer.jsonBytes().isPresent() ? BINARY_TYPE : JSON_TYPE;
    exchange.send(HttpStatus.OK_200, type, answer.body());
  }

  private static void requireNoEncoding(Exchange exchange) {
    String encoding = exchange.request().getHeaders().get(HttpHeader.CONTENT_ENCODING);
    if (encoding != null && !encoding.equalsIgnoreCase("identity")) {
      throw new RefusedException(
          HttpStatus.UNSUPPORTED_MEDIA_TYPE_415, "expected a body that is not compressed");
    }
  }

  private static OptionalInt headerBytes(Exchange exchange) {
    String text = exchange.request().getHeaders().get(BINARY_HEADER);
    if (text == null) {
      return OptionalInt.empty();
    }
    try {
      return OptionalInt.of(Integer.parseInt(text));
    } catch (NumberFormatException e) {
      throw new AcclimateException(BINARY_HEADER + ": expected a number", e);
    }
  }
}
