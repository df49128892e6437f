package io.acclimate.actors.serve;

import static org.eclipse.jetty.http.HttpMethod.DELETE;
import static org.eclipse.jetty.http.HttpMethod.GET;
import static org.eclipse.jetty.http.HttpMethod.POST;

import io.acclimate.actors.AdapterChoice;
import io.acclimate.actors.ServedStream;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.text.Names;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.eclipse.jetty.http.HttpStatus;

/** The protocol's extension for streams: what they do, labels for them, and their control. */
final class StreamCalls {
  private static final String BASE = "/v2/models/{model}/streams";
  private static final String BINARY_TYPE = "application/octet-stream";

  private final ProtocolCalls protocol;
  private final StreamCatalog streams;
  private final JsonBodies bodies;

  /**
   * True labels for an earlier prediction.
   *
   * @param predictionId the id in the prediction's answer
   * @param labels a class for each sample of the batch, -1 where it is not known
   */
  private record Feedback(String predictionId, int[] labels) {}

  /**
   * What a stream is served with from now on.
   *
   * @param adapter the text of an {@link AdapterChoice}
   */
  private record Choice(String adapter) {}

  StreamCalls(ProtocolCalls protocol, StreamCatalog streams, int jsonDepth) {
    this.protocol = protocol;
    this.streams = streams;
    this.bodies = new JsonBodies(jsonDepth);
  }

  void register(Router router) {
    router
        .add(GET, BASE, protocol.onModel(exchange -> exchange.json(list())))
        .add(GET, BASE + "/{stream}", onStream(StreamCalls::view))
        .add(
            DELETE,
            BASE + "/{stream}",
            onStream((e, stream) -> done(e, stream, streams.close(stream))))
        .add(
            POST,
            BASE + "/{stream}/feedback",
            onStream((e, stream) -> e.body(body -> feedback(e, stream, body))))
        .add(POST, BASE + "/{stream}/freeze", command(ServedStream::freeze))
        .add(POST, BASE + "/{stream}/unfreeze", command(ServedStream::unfreeze))
        .add(POST, BASE + "/{stream}/reset", command(ServedStream::reset))
        .add(
            POST,
            BASE + "/{stream}/adapter",
            onStream((e, stream) -> e.body(body -> adapter(e, stream, body))))
        .add(POST, BASE + "/{stream}/snapshot", onStream(StreamCalls::snapshot))
        .add(
            POST,
            BASE + "/{stream}/restore",
            onStream((e, stream) -> e.body(body -> done(e, stream, stream.restore(body)))));
  }

  private Map<String, Object> list() {
    List<Map<String, Object>> all =
        streams.here().stream().map(stream -> StreamView.of(stream, stream.stats())).toList();
    return Map.of("streams", all);
  }

  private static void view(Exchange exchange, ServedStream stream) {
    exchange.whenDone(stream.fetchStats(), stats -> exchange.json(StreamView.of(stream, stats)));
  }

  @FunctionalInterface
  private interface StreamAction {
    void answer(Exchange exchange, ServedStream stream);
  }

  private Router.Action onStream(StreamAction action) {
    return (exchange, names) -> {
      protocol.requireModel(names);
      action.answer(exchange, streams.require(names.get("stream")));
    };
  }

  /** A call that answers with the stream as it stands afterwards. */
  private Router.Action command(Function<ServedStream, CompletionStage<Void>> command) {
    return onStream((exchange, stream) -> done(exchange, stream, command.apply(stream)));
  }

  private static void done(Exchange exchange, ServedStream stream, CompletionStage<Void> command) {
    exchange.whenDone(command, nothing -> view(exchange, stream));
  }

  private void feedback(Exchange exchange, ServedStream stream, byte[] body) {
    Feedback feedback = bodies.read(body, Feedback.class, "feedback");
    if (feedback.predictionId() == null || feedback.labels() == null) {
      throw new AcclimateException("feedback: expected prediction_id and labels");
    }
    exchange.whenDone(
        stream.feedback(feedback.predictionId(), feedback.labels()),
        outcome -> exchange.json(Map.of("outcome", Names.kebab(outcome))));
  }

  private void adapter(Exchange exchange, ServedStream stream, byte[] body) {
    String adapter = bodies.read(body, Choice.class, "adapter").adapter();
    if (adapter == null) {
      throw new AcclimateException(
          "adapter: expected frozen, NAME, NAME@VERSION or task:NAME, found none");
    }
    done(exchange, stream, stream.serveWith(AdapterChoice.parse(adapter)));
  }

  private static void snapshot(Exchange exchange, ServedStream stream) {
    exchange.whenDone(
        stream.snapshot(), bytes -> exchange.send(HttpStatus.OK_200, BINARY_TYPE, bytes));
  }
}
