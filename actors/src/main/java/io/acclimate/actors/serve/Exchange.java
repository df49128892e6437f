package io.acclimate.actors.serve;

import io.acclimate.actors.NoAnswerException;
import io.acclimate.actors.OverCapacityException;
import io.acclimate.runtime.AcclimateException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.Promise;
import org.eclipse.jetty.util.thread.Invocable.InvocationType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One request and its answer. What goes wrong becomes a status and one sentence in JSON; causes and
 * stack traces stay in the log.
 */
record Exchange(Request request, Response response, Callback callback, RefusalLog refusals) {
  private static final Logger LOG = LoggerFactory.getLogger(Exchange.class);
  private static final String JSON_TYPE = "application/json";

  /** Reads the whole body without holding a thread, then goes on; failures are answered. */
  void body(Consumer<byte[]> then) {
    Content.Source.asByteArrayAsync(
        request,
        -1,
        Promise.Invocable.from(
            InvocationType.BLOCKING, body -> guarded(() -> then.accept(body)), this::fail));
  }

  /** Runs a part of the work; what it throws is answered. */
  void guarded(Runnable work) {
    try {
      work.run();
    } catch (RuntimeException e) {
      fail(e);
    }
  }

  /** Goes on once something is done; its failure is answered. */
  <T> void whenDone(CompletionStage<T> stage, Consumer<T> then) {
    stage.whenComplete(
        (value, error) -> {
          if (error != null) {
            fail(error);
          } else {
            guarded(() -> then.accept(value));
          }
        });
  }

  void json(Object value) {
    json(HttpStatus.OK_200, value);
  }

  private void json(int status, Object value) {
    send(status, JSON_TYPE, Json.bytes(value));
  }

  void send(int status, String type, byte[] body) {
    response.setStatus(status);
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, type);
    response.getHeaders().put(HttpHeader.CONTENT_LENGTH, body.length);
    response.write(true, ByteBuffer.wrap(body), callback);
  }

  /** Answers with an error. A client whose body was not read is told that the connection ends. */
  void refuse(int status, String message) {
    refusals.note(request, status, message);
    if (!request.consumeAvailable()) {
      response.getHeaders().put(HttpHeader.CONNECTION, "close");
    }
    if (status == HttpStatus.SERVICE_UNAVAILABLE_503) {
      response.getHeaders().put(HttpHeader.RETRY_AFTER, 1);
    }
    json(status, Map.of("error", message));
  }

  /** Answers with what a failure means. */
  void fail(Throwable failure) {
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    if (cause instanceof RefusedException refused) {
      refuse(refused.status(), refused.getMessage());
    } else if (cause instanceof AcclimateException) {
      refuse(HttpStatus.BAD_REQUEST_400, cause.getMessage());
    } else if (cause instanceof OverCapacityException || cause instanceof IllegalStateException) {
      refuse(HttpStatus.SERVICE_UNAVAILABLE_503, cause.getMessage());
    } else if (cause instanceof NoAnswerException) {
      refuse(HttpStatus.GATEWAY_TIMEOUT_504, cause.getMessage());
    } else if (cause instanceof HttpException http) {
      refuse(http.getCode(), HttpStatus.getMessage(http.getCode()));
    } else if (cause instanceof IOException || cause instanceof TimeoutException) {
      response.getHeaders().put(HttpHeader.CONNECTION, "close");
      refuse(HttpStatus.REQUEST_TIMEOUT_408, "the body came in too slowly or not to its end");
    } else {
      LOG.error("a request failed", cause);
      refuse(HttpStatus.INTERNAL_SERVER_ERROR_500, "internal error; the log has the cause");
    }
  }
}
