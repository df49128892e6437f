package io.acclimate.actors.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.acclimate.runtime.SeedTree;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.commons.rng.UniformRandomProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clients that send garbage, say nothing, stop reading or go away: the others are served. */
class OverloadTest {
  private static final String INFER = "/v2/models/tiny/infer";
  private static final String GOOD =
      "{\"inputs\": [{\"name\": \"x\", \"shape\": [1, 3], \"datatype\": \"FP32\", \"data\": [1, 2, 3]}]}";
  private static final int MEGABYTE = 1 << 20;

  /** More than the buffers of a connection and of its watcher can hold. */
  private static final int MEGABYTES = 40;

  @TempDir Path folder;
  private Served served;

  private void start(String settings) throws IOException {
    served = new Served(folder, settings);
  }

  /** Requests of clients that have gone away may take their room a little longer. */
  @AfterEach
  void stop() throws IOException {
    int status = infer();
    while (status == 503) {
      status = infer();
    }
    assertEquals(200, status, "the server goes on");
    served.close();
  }

  /** The status that a sample of a client without a connection is answered with. */
  private int infer() throws IOException {
    String answer =
        served.raw(
            "POST %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s"
                .formatted(INFER, GOOD.length(), GOOD));
    return Integer.parseInt(answer.substring(9, 12));
  }

  private static void send(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    socket.getOutputStream().flush();
  }

  /** Begins a request; 100 in the answer says that it is under way, for its body is asked for. */
  private static String startOf(Socket socket) throws IOException {
    String head = "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n".formatted(INFER);
    send(socket, head + "Expect: 100-continue\r\n\r\n");
    byte[] start = socket.getInputStream().readNBytes("HTTP/1.1 100".length());
    return new String(start, StandardCharsets.ISO_8859_1);
  }

  @Test
  void garbageIsAnsweredWithAnErrorOrNothing() throws IOException {
    start("limits { header-seconds = 1, requests-per-second = 0 }");
    UniformRandomProvider random = SeedTree.of(5).generator();
    for (int i = 0; i < 50; i++) {
      byte[] bytes = new byte[1 + random.nextInt(2000)];
      random.nextBytes(bytes);
      String answer = served.raw(new String(bytes, StandardCharsets.ISO_8859_1) + "\r\n\r\n");
      assertTrue(answer.isEmpty() || answer.startsWith("HTTP/1.1 4"), answer);
      assertFalse(answer.contains("\tat "), answer);
    }
    String handshake = "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003\r\n\r\n";
    assertTrue(served.raw(handshake).startsWith("HTTP/1.1 400"), "TLS is not spoken");
  }

  /** A client must not send its next request into a connection that is about to be closed. */
  @Test
  void aRefusedBodyThatWasNotReadEndsTheConnection() throws IOException {
    start("token = " + Served.TOKEN);
    String head = "POST /v2/models/tiny/streams/a/freeze HTTP/1.1\r\nHost: localhost\r\n";
    String answer = served.raw(head + "Content-Length: 2\r\n\r\n");
    assertTrue(answer.startsWith("HTTP/1.1 401"), answer);
    assertTrue(answer.contains("\r\nConnection: close\r\n"), answer);
  }

  /** Requests under way take all the room there is; health checks get in. */
  @Test
  void oneRequestTooManyIsToldToComeBack() throws IOException {
    start("limits { requests = 2, requests-per-second = 0 }");
    List<Socket> slow = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      Socket socket = served.connect();
      assertEquals("HTTP/1.1 100", startOf(socket));
      slow.add(socket);
    }
    Served.Answer refused = served.get("/v2");
    assertEquals(503, refused.status());
    assertEquals("1", refused.raw().headers().firstValue("Retry-After").orElseThrow());
    assertTrue(refused.json().has("error"), "JSON, as all errors");
    assertEquals(200, served.get("/v2/health/live").status());
    for (Socket socket : slow) {
      socket.close();
    }
  }

  /** Silent connections take all the room there is until they are closed. */
  @Test
  void silentConnectionsAreClosed() throws IOException {
    start("limits { connections = 3, idle-seconds = 1, header-seconds = 60 }");
    List<Socket> silent = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      silent.add(served.connect());
    }
    assertEquals(200, served.get("/v2").status(), "it waited for its turn");
    for (Socket socket : silent) {
      String last = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      assertTrue(last.isEmpty() || last.startsWith("HTTP/1.1 4"), last);
      socket.close();
    }
  }

  @Test
  void clientsThatGoAwayLeaveNothingBehind() throws IOException {
    start("limits { requests = 4, requests-per-second = 0 }");
    for (int i = 0; i < 100; i++) {
      try (Socket socket = served.connect()) {
        socket.setSoLinger(true, 0);
        send(
            socket,
            "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n%s"
                .formatted(INFER, GOOD.length() + i % 2, GOOD));
      }
    }
    List<Socket> slow = new ArrayList<>();
    while (slow.size() < 4) { // until all places are free
      Socket socket = served.connect();
      if (startOf(socket).equals("HTTP/1.1 100")) {
        slow.add(socket);
      } else {
        socket.close();
      }
    }
    for (Socket socket : slow) {
      socket.close();
    }
  }

  /** The page of one client is no longer read: it is cut off, and another one loses nothing. */
  @Test
  void aPageThatIsNotReadIsCutOff() throws Exception {
    start("limits { watchers = 2, idle-seconds = 600 }");
    try (Socket stuck = new Socket();
        Socket reading = served.connect()) {
      stuck.setReceiveBufferSize(4096);
      stuck.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), served.server.port()));
      String watch = "GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n";
      send(stuck, watch);
      send(reading, watch);
      while (served.server.feed().watchers() < 2) {
        Thread.onSpinWait();
      }
      BufferedReader lines =
          new BufferedReader(
              new InputStreamReader(reading.getInputStream(), StandardCharsets.US_ASCII));
      byte[] message =
          ("data: " + "x".repeat(MEGABYTE) + "\n\n").getBytes(StandardCharsets.US_ASCII);
      for (int i = 0; i < MEGABYTES; i++) {
        CompletableFuture.runAsync(() -> served.server.feed().publish(message));
        while (lines.readLine().length() < MEGABYTE) {
          // the messages of every second, and what HTTP puts between
        }
      }
      while (served.server.feed().watchers() > 1) {
        Thread.onSpinWait();
      }
      long left = Served.rest(stuck).length();
      assertTrue(left < (long) MEGABYTES * MEGABYTE, "not all of it was kept for it");
    }
  }
}
