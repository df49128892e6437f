package io.acclimate.actors.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.jetty.util.Callback;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EventsTest {
  private static final String WATCH = "GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n";

  @TempDir Path folder;
  private Served served;

  @BeforeEach
  void start() throws IOException {
    served = new Served(folder, "limits.watchers = 2, token = " + Served.TOKEN);
  }

  @AfterEach
  void stop() {
    served.close();
  }

  private BufferedReader watch(Socket socket) throws IOException {
    socket.getOutputStream().write(WATCH.getBytes(StandardCharsets.US_ASCII));
    socket.getOutputStream().flush();
    return new BufferedReader(
        new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
  }

  private static JsonNode next(BufferedReader lines) throws IOException {
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      if (line.startsWith("data: ")) {
        return new ObjectMapper().readTree(line.substring(6));
      }
    }
    throw new AssertionError("the event stream has ended");
  }

  @Test
  void messagesTellOfStreamsAndOfWhatHappens() throws IOException {
    try (Socket socket = served.connect()) {
      BufferedReader lines = watch(socket);
      JsonNode first = next(lines);
      assertEquals("tiny", first.get("model").asText());
      assertEquals("[\"a\",\"b\",\"c\"]", first.get("classes").toString());
      served.post(
          "/v2/models/tiny/infer",
          "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,3],\"datatype\":\"FP32\",\"data\":[1,2,3]}]}");
      served.post(
          "/v2/models/tiny/streams/default/freeze", "", "Authorization", "Bearer " + Served.TOKEN);
      JsonNode message = next(lines);
      List<String> kinds = new ArrayList<>();
      while (!message.at("/streams/0/frozen").asBoolean() || kinds.isEmpty()) {
        message.get("events").forEach(event -> kinds.add(event.get("kind").asText()));
        message = next(lines);
      }
      assertEquals(List.of("freeze"), kinds);
      assertEquals(1, message.at("/streams/0/counts/samples").asInt());
      assertTrue(message.at("/streams/0/drift").isNumber());
    }
  }

  @Test
  void oneMoreThanFitsIsRefused() throws IOException {
    try (Socket first = served.connect();
        Socket second = served.connect()) {
      next(watch(first));
      next(watch(second));
      assertEquals(503, served.get("/events").status());
    }
  }

  @Test
  void stoppingEndsTheStream() throws IOException {
    try (Socket socket = served.connect()) {
      BufferedReader lines = watch(socket);
      next(lines);
      served.server.close();
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        assertTrue(line.length() < 100_000);
      }
    }
  }

  /** A client that never reads is cut off, and nobody waits for it. */
  @Test
  void clientThatDoesNotReadIsDropped() {
    Watchers watchers = new Watchers();
    for (int i = 0; i < 20; i++) {
      watchers.watcher.send(new byte[1]);
    }
    assertEquals(1, watchers.written, "one write is under way, the others wait");
    assertEquals(1, watchers.dropped);
    watchers.watcher.failed(new IOException("closed"));
    assertEquals(1, watchers.ended);
  }

  /** A watcher whose client does not read. */
  private static final class Watchers {
    private int written;
    private int dropped;
    private int ended;
    private final Watcher watcher =
        new Watcher(
            new Watcher.Client() {
              @Override
              public void write(boolean last, ByteBuffer bytes, Callback callback) {
                written++;
              }

              @Override
              public void drop() {
                dropped++;
              }

              @Override
              public void end(Throwable cause) {
                ended++;
              }
            },
            gone -> {});
  }
}
