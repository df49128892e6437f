package io.acclimate.actors.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigFactory;
import io.acclimate.runtime.AcclimateException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What must be refused is refused, and the answer gives nothing away. */
class SecurityTest {
  private static final String INFER = "/v2/models/tiny/infer";
  private static final String GOOD =
      "{\"inputs\": [{\"name\": \"x\", \"shape\": [1, 3], \"datatype\": \"FP32\", \"data\": [1, 2, 3]}]}";

  private static final int MANY = 1000;

  @TempDir Path folder;
  private Served served;

  private void start(String settings) throws IOException {
    served = new Served(folder, settings);
  }

  @AfterEach
  void stop() {
    if (served != null) {
      assertEquals(200, served.post(INFER, GOOD).status(), "the server goes on");
      served.close();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/../../etc/passwd",
        "/v2/models/%2e%2e/%2e%2e/etc/passwd",
        "/v2/models/..%2f..%2fetc/passwd",
        "/v2/models/tiny/streams/..%5c..%5cx",
        "/v2/models/tiny;x=../infer",
        "/%00",
        "//v2"
      })
  void pathsLeadNowhereElse(String path) throws IOException {
    start("");
    String answer =
        served.raw("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    assertTrue(answer.matches("(?s)HTTP/1.1 40[045] .*"), answer);
    assertHarmless(answer);
  }

  private static void assertHarmless(String answer) {
    assertFalse(answer.contains("Exception"), answer);
    assertFalse(answer.contains("\tat "), answer);
    assertFalse(answer.toLowerCase(Locale.ROOT).contains("jetty"), answer);
    assertTrue(answer.contains("{\"error\":\""), answer);
  }

  @Test
  void largeBodiesAreRefusedWithAndWithoutALength() throws IOException {
    start("limits.request-bytes = 2048");
    assertEquals(413, served.post(INFER, " ".repeat(3000)).status());
    HttpRequest.Builder chunked =
        HttpRequest.newBuilder(served.uri(INFER))
            .POST(
                HttpRequest.BodyPublishers.ofInputStream(
                    () -> new java.io.ByteArrayInputStream(new byte[3000])));
    assertEquals(413, served.send(chunked).status());
  }

  @Test
  void deepJsonIsRefused() throws IOException {
    start("limits.json-depth = 8");
    String deep = GOOD.replace("[1, 2, 3]", "[".repeat(100_000) + "]".repeat(100_000));
    Served.Answer answer = served.post(INFER, deep);
    assertEquals(400, answer.status());
    assertTrue(answer.error().contains("within the limits"), answer.error());
    assertHarmless(answer.json().toString());
    assertEquals(400, served.post(INFER, "{\"a\": " + "[".repeat(100_000)).status());
    assertEquals(400, served.post(INFER, "{\"" + "n".repeat(10_000) + "\": 1}").status());
    assertEquals(400, served.post(INFER, "{\"id\": \"" + "n".repeat(100_000) + "\"}").status());
    String digits = GOOD.replace("[1, 2, 3]", "[1, 2, 1" + "0".repeat(10_000) + "]");
    assertEquals(400, served.post(INFER, digits).status());
  }

  @Test
  void hugeShapesTakeNoMemory() throws IOException {
    start("");
    String shape = GOOD.replace("[1, 3]", "[2000000000, 3]");
    assertEquals(400, served.post(INFER, shape).status());
    String raw =
        shape.replace("\"data\": [1, 2, 3]", "\"parameters\": {\"binary_data_size\": 24000000000}");
    assertEquals(400, served.post(INFER, raw).status());
    assertEquals(400, served.post(INFER, GOOD.replace("[1, 3]", "[-1, 3]")).status());
    assertEquals(
        400, served.post(INFER, GOOD.replace("[1, 3]", "[9223372036854775807, 3]")).status());
  }

  @Test
  void headersCannotBeInjected() throws IOException {
    start("");
    Served.Answer answer =
        served.post(INFER, GOOD.replaceFirst("\\{", "{\"id\": \"a\\r\\nSet-Cookie: x=y\","));
    assertEquals(200, answer.status());
    assertTrue(answer.raw().headers().firstValue("Set-Cookie").isEmpty());
    String split =
        served.raw(
            "GET /v2/%0d%0aSet-Cookie:%20x=y HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    assertTrue(split.startsWith("HTTP/1.1 40"), split);
    assertFalse(split.contains("Set-Cookie"), split);
    String folded =
        served.raw(
            "GET /v2 HTTP/1.1\r\nHost: localhost\r\nX: a\r\n b: c\r\nConnection: close\r\n\r\n");
    assertTrue(folded.startsWith("HTTP/1.1 400"), folded);
    String twoLengths =
        served.raw(
            "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n0\r\n\r\n"
                .formatted(INFER));
    assertTrue(twoLengths.startsWith("HTTP/1.1 400"), twoLengths);
    String longHead =
        served.raw("GET /v2 HTTP/1.1\r\nHost: localhost\r\nX: " + "a".repeat(20_000) + "\r\n\r\n");
    assertTrue(longHead.startsWith("HTTP/1.1 431"), longHead);
    assertHarmless(longHead);
  }

  @Test
  void whatIsLoggedHasNoControlCharacters() {
    assertEquals("a??b?", RefusalLog.clean("a\r\nb\u001b"));
    assertTrue(RefusalLog.clean("x".repeat(1000)).length() < 300);
  }

  @Test
  void foreignPagesAreKeptOut() throws IOException {
    start("");
    assertEquals(403, served.post(INFER, GOOD, "Origin", "http://evil.example").status());
    String here = "http://localhost:" + served.server.port();
    String own =
        served.raw(
            "GET /v2 HTTP/1.1\r\nHost: localhost:%d\r\nOrigin: %s\r\nConnection: close\r\n\r\n"
                .formatted(served.server.port(), here));
    assertTrue(own.startsWith("HTTP/1.1 200"), own);
    String rebound =
        served.raw("GET /v2 HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n");
    assertTrue(rebound.startsWith("HTTP/1.1 403"), rebound);
  }

  @Test
  void tooManyRequestsAreTurnedAway() throws IOException {
    start("limits { requests-per-second = 1, burst = 3 }");
    int status = 200;
    for (int i = 0; i < MANY && status == 200; i++) {
      status = served.get("/v2").status();
    }
    assertEquals(429, status);
    served.close();
    served = null;
  }

  @Test
  void slowHeadIsCutOff() throws Exception {
    start("limits { header-seconds = 1, idle-seconds = 60 }");
    try (Socket socket = served.connect()) {
      OutputStream out = socket.getOutputStream();
      out.write("GET /v2 HTTP/1.1\r\nHost: localhost\r\n".getBytes(StandardCharsets.US_ASCII));
      assertThrows(
          IOException.class,
          () -> {
            while (socket.getInputStream().available() == 0) {
              out.write("X: y\r\n".getBytes(StandardCharsets.US_ASCII));
              out.flush();
              Thread.sleep(100);
            }
          });
    }
  }

  @Test
  void slowBodyIsCutOff() throws Exception {
    start("limits { bytes-per-second = 1000, idle-seconds = 60 }");
    try (Socket socket = served.connect()) {
      OutputStream out = socket.getOutputStream();
      out.write(
          "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10000\r\n\r\n"
              .formatted(INFER)
              .getBytes(StandardCharsets.US_ASCII));
      out.flush();
      while (socket.getInputStream().available() == 0) {
        out.write(' ');
        out.flush();
        Thread.sleep(20);
      }
      String answer = Served.rest(socket);
      assertTrue(answer.startsWith("HTTP/1.1 408"), answer);
      assertHarmless(answer);
    }
  }

  @Test
  void beyondLoopbackATokenIsRequired() {
    AcclimateException error =
        assertThrows(
            AcclimateException.class,
            () -> ServeSettings.of(ConfigFactory.parseString("host = 0.0.0.0")));
    assertTrue(error.getMessage().contains("beyond loopback"), error.getMessage());
    assertThrows(
        AcclimateException.class,
        () -> ServeSettings.of(ConfigFactory.parseString("host = \"::\"")));
    error =
        assertThrows(
            AcclimateException.class,
            () -> ServeSettings.of(ConfigFactory.parseString("token = short")));
    assertTrue(error.getMessage().contains("at least 16"), error.getMessage());
    assertFalse(error.getMessage().contains("short"), error.getMessage());
  }

  @Test
  void everythingNeedsTheTokenBeyondLoopback() throws IOException {
    try (Served open = new Served(folder, "host = 0.0.0.0, token = " + Served.TOKEN)) {
      assertEquals(200, get(open, "/v2/health/live", ""));
      assertEquals(401, get(open, "/v2", ""));
      assertEquals(401, get(open, "/v2", "Bearer " + Served.TOKEN + "x"));
      assertEquals(401, get(open, "/v2", "Bearer"));
      assertEquals(401, get(open, "/v2", "Basic " + Served.TOKEN));
      assertEquals(401, get(open, "/v2/nothing", ""));
      assertEquals(200, get(open, "/v2", "Bearer " + Served.TOKEN));
      assertEquals(200, get(open, "/v2", "bearer " + Served.TOKEN));
    }
  }

  private static int get(Served open, String path, String authorization) throws IOException {
    String answer =
        open.raw(
            "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\n%sConnection: close\r\n\r\n"
                .formatted(
                    path,
                    authorization.isEmpty() ? "" : "Authorization: " + authorization + "\r\n"));
    return Integer.parseInt(answer.substring(9, 12));
  }
}
