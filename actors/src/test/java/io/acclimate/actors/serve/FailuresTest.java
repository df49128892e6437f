package io.acclimate.actors.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.acclimate.actors.NoAnswerException;
import io.acclimate.actors.OverCapacityException;
import io.acclimate.actors.ServedStream;
import io.acclimate.runtime.AcclimateException;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a client is told when a stream fails. */
class FailuresTest {
  private static final String BODY =
      "{\"inputs\": [{\"name\": \"x\", \"shape\": [1, 3], \"datatype\": \"FP32\", \"data\": [1, 2, 3]}]}";

  @TempDir Path folder;

  /** A stream whose every call fails so. */
  private static ServedStream failing(RuntimeException failure) {
    return (ServedStream)
        Proxy.newProxyInstance(
            ServedStream.class.getClassLoader(),
            new Class<?>[] {ServedStream.class},
            (proxy, method, arguments) ->
                method.getReturnType() == String.class
                    ? "failing"
                    : CompletableFuture.failedFuture(failure));
  }

  private void assertAnswer(int status, String words, RuntimeException failure) throws IOException {
    try (Served served = Served.failing(folder, failing(failure))) {
      Served.Answer answer = served.post("/v2/models/tiny/infer", BODY);
      assertEquals(status, answer.status());
      assertTrue(answer.error().contains(words), answer.error());
      assertFalse(answer.json().toString().contains("Exception"), answer.json().toString());
      assertEquals(status, served.get("/v2/models/tiny/streams/default").status());
    }
  }

  /** Whoever spreads requests over servers sends none here. */
  @Test
  void aHostThatTakesNothingInIsNotReady() throws IOException {
    try (Served served = Served.failing(folder, failing(new NullPointerException()))) {
      assertEquals(503, served.get("/v2/health/ready").status());
      assertEquals(503, served.get("/v2/models/tiny/ready").status());
      assertEquals(200, served.get("/v2/health/live").status());
    }
  }

  @Test
  void eachFailureHasItsStatus() throws IOException {
    assertAnswer(400, "expected finite", new AcclimateException("expected finite values"));
    assertAnswer(503, "no more fit", new OverCapacityException("8 batches, no more fit"));
    assertAnswer(503, "is closed", new IllegalStateException("the runtime is closed"));
    assertAnswer(504, "not known", new NoAnswerException("it is not known whether", null));
    assertAnswer(500, "the log has the cause", new NullPointerException("secret"));
  }
}
