package io.acclimate.actors.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.acclimate.actors.cluster.ClusterRuntime;
import io.acclimate.actors.cluster.ClusterSettings;
import io.acclimate.actors.cluster.Nodes;
import io.acclimate.runtime.testing.FreePorts;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two nodes: each answers for the streams of both. */
class ClusterHttpTest {
  private static final String[] TOKEN = {"Authorization", "Bearer " + Served.TOKEN};
  private static final String MODEL = "/v2/models/tiny";
  private static final String STREAMS = MODEL + "/streams";
  private static final int MOST = 20;

  @TempDir static Path folder;
  private static Served first;
  private static Served second;

  @BeforeAll
  static void start() throws IOException {
    int port = FreePorts.one();
    first = node("first", port, port);
    second = node("second", 0, port);
    Nodes.awaitShares((ClusterRuntime) first.streams.host(), 2);
  }

  private static Served node(String name, int port, int seed) throws IOException {
    String settings = Nodes.settings(folder, port, "seeds = [\"127.0.0.1:%d\"]".formatted(seed));
    ClusterSettings cluster = Nodes.of(settings);
    Path own = Files.createDirectory(folder.resolve(name));
    return Served.node(own, cluster, "token = " + Served.TOKEN);
  }

  @AfterAll
  static void stop() {
    second.close();
    first.close();
  }

  /** Two samples, the first of class 1 and the second of class 0. */
  private static JsonNode infer(Served node, String stream) {
    Served.Answer answer =
        node.post(
            MODEL + "/infer",
            """
            {"inputs": [{"name": "x", "shape": [2, 3], "datatype": "FP32",
                         "data": [1, 5, 0, 3, 0, 0]}]}
            """,
            "Acclimate-Stream",
            stream);
    assertEquals(200, answer.status(), answer.error());
    assertEquals("[1,0]", answer.json().at("/outputs/1/data").toString());
    return answer.json();
  }

  private static List<String> streamsOf(Served node) {
    List<String> found = new ArrayList<>();
    node.get(STREAMS).json().get("streams").forEach(one -> found.add(one.get("stream").asText()));
    return found;
  }

  /** A stream that lives on the second node and was asked for at the first one. */
  private static String elsewhere(String prefix) {
    for (int i = 0; i < MOST; i++) {
      infer(first, prefix + i);
      if (streamsOf(second).contains(prefix + i)) {
        assertFalse(streamsOf(first).contains(prefix + i), "it lives on one node");
        return prefix + i;
      }
    }
    throw new AssertionError("no stream lives on the second node");
  }

  @Test
  void anyNodeAnswersForAnyStream() {
    String stream = elsewhere("any-");
    assertEquals(stream + "/1", id(infer(second, stream)));
    JsonNode third = infer(first, stream);
    assertEquals(stream + "/2", id(third));
    assertEquals("label-shift-em", third.at("/parameters/method").asText());
    assertEquals("accepted", feedback(second, stream, 2));
    assertEquals("duplicate", feedback(first, stream, 2));
    assertEquals("unknown", feedback(first, stream, 77));
    for (Served node : List.of(first, second)) {
      JsonNode stats = node.get(STREAMS + "/" + stream).json();
      assertEquals(3, stats.at("/counts/batches").asInt(), stats.toString());
      assertEquals(1.0, stats.at("/feedback/accuracy").asDouble());
      assertTrue(stats.at("/latency/p50_micros").isNumber());
      assertEquals(3, stats.at("/recent/labels").size());
    }
  }

  private static String id(JsonNode answer) {
    return answer.at("/parameters/prediction_id").asText();
  }

  private static String feedback(Served node, String stream, int number) {
    return node.post(
            STREAMS + "/" + stream + "/feedback",
            "{\"prediction_id\": \"%s/%d\", \"labels\": [1, 0]}".formatted(stream, number))
        .json()
        .path("outcome")
        .asText();
  }

  @Test
  void controlReachesTheStreamWhereItLives() {
    String stream = elsewhere("control-");
    String path = STREAMS + "/" + stream;
    assertEquals(401, first.post(path + "/freeze", "").status());
    JsonNode paused = first.post(path + "/freeze", "", TOKEN).json();
    assertTrue(paused.get("frozen").asBoolean(), paused.toString());
    assertTrue(second.get(path).json().get("frozen").asBoolean());
    assertFalse(second.post(path + "/unfreeze", "", TOKEN).json().get("frozen").asBoolean());
    Served.Answer served = first.post(path + "/adapter", "{\"adapter\": \"frozen\"}", TOKEN);
    assertEquals("frozen", served.json().path("adapter").asText(), served.error());
    Served.Answer unserved = first.post(path + "/adapter", "{\"adapter\": \"night\"}", TOKEN);
    assertEquals(400, unserved.status());
    assertTrue(unserved.error().contains("started without a bank"), unserved.error());
    Served.Answer snapshot = first.post(path + "/snapshot", "", TOKEN);
    assertEquals(200, snapshot.status());
    assertEquals(200, first.post(path + "/reset", "", TOKEN).status());
    Served.Answer restored = second.post(path + "/restore", snapshot.raw().body(), TOKEN);
    assertEquals(200, restored.status(), restored.error());
    Served.Answer again = first.post(path + "/snapshot", "", TOKEN);
    assertEquals(snapshot.raw().body().length, again.raw().body().length);
    Served.Answer damaged = first.post(path + "/restore", new byte[] {1, 2, 3}, TOKEN);
    assertEquals(400, damaged.status(), damaged.error());
  }

  @Test
  void aStreamIsClosedFromAnyNode() {
    String stream = elsewhere("closed-");
    infer(second, stream);
    String path = STREAMS + "/" + stream;
    assertEquals(401, first.delete(path).status());
    Served.Answer closed = first.delete(path, TOKEN);
    assertEquals(200, closed.status(), closed.error());
    assertEquals(2, closed.json().at("/counts/batches").asInt(), closed.json().toString());
    for (Served node : List.of(first, second)) {
      assertEquals(404, node.get(path).status());
      assertEquals(404, node.post(path + "/freeze", "", TOKEN).status());
      assertEquals(404, node.delete(path, TOKEN).status());
      assertFalse(streamsOf(node).contains(stream));
    }
    assertEquals(stream + "/0", id(infer(second, stream)));
    assertEquals(stream + "/1", id(infer(first, stream)));
  }

  @Test
  void aStreamThatNobodyHasOpenedIsUnknown() {
    for (Served node : List.of(first, second)) {
      assertEquals(404, node.get(STREAMS + "/nobody").status());
      assertEquals(404, node.post(STREAMS + "/nobody/freeze", "", TOKEN).status());
    }
    infer(second, "somebody");
    assertEquals(200, first.get(STREAMS + "/somebody").status());
  }

  @Test
  void thePageOfANodeShowsTheStreamsThatLiveThere() throws IOException {
    String stream = elsewhere("page-");
    HttpRequest.Builder page = HttpRequest.newBuilder(second.uri("/"));
    assertEquals(200, second.send(page).status());
    assertTrue(streamsOf(second).contains(stream));
    assertTrue(second.meters.scrape().contains("stream=\"" + stream + "\""));
  }
}
