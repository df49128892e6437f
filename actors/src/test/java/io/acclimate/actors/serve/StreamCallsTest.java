package io.acclimate.actors.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StreamCallsTest {
  private static final String[] TOKEN = {"Authorization", "Bearer " + Served.TOKEN};
  private static final String STREAMS = "/v2/models/tiny/streams";

  @TempDir Path folder;
  private Served served;

  @BeforeEach
  void start() throws IOException {
    served = new Served(folder, "token = " + Served.TOKEN);
  }

  @AfterEach
  void stop() {
    served.close();
  }

  /** The id of a prediction of two samples, the first of class 1 and the second of class 0. */
  private String infer(String stream) {
    Served.Answer answer =
        served.post(
            "/v2/models/tiny/infer",
            """
            {"inputs": [{"name": "x", "shape": [2, 3], "datatype": "FP32",
                         "data": [1, 5, 0, 3, 0, 0]}]}
            """,
            "Acclimate-Stream",
            stream);
    return answer.json().at("/parameters/prediction_id").asText();
  }

  @Test
  void labelsComeBackLateAndOnce() {
    String first = infer("a");
    String second = infer("a");
    assertEquals("accepted", feedback(second, "[1, 1]"));
    assertEquals("accepted", feedback(first, "[1, -1]"));
    assertEquals("duplicate", feedback(first, "[1, -1]"));
    assertEquals("unknown", feedback("a/77", "[1, 1]"));
    JsonNode stream = served.get(STREAMS + "/a").json();
    assertEquals(3, stream.at("/feedback/samples").asInt());
    assertEquals(2.0 / 3, stream.at("/feedback/accuracy").asDouble(), 1e-9);
    assertEquals(2, stream.at("/counts/batches").asInt());
  }

  private String feedback(String prediction, String labels) {
    return served
        .post(
            STREAMS + "/a/feedback",
            "{\"prediction_id\": \"%s\", \"labels\": %s}".formatted(prediction, labels))
        .json()
        .path("outcome")
        .asText();
  }

  @Test
  void labelsThatDoNotFitAreRefused() {
    String prediction = infer("a");
    String call = STREAMS + "/a/feedback";
    String body = "{\"prediction_id\": \"%s\", \"labels\": %s}";
    assertEquals(400, served.post(call, body.formatted(prediction, "[1]")).status());
    assertEquals(400, served.post(call, body.formatted(prediction, "[1, 9]")).status());
    assertEquals(400, served.post(call, body.formatted(prediction, "[1, 0.5]")).status());
    assertEquals(400, served.post(call, "null").status());
    assertEquals(400, served.post(call, "{\"labels\": [1, 1]}").status());
    assertEquals(400, served.post(call, "{\"labels\": " + "[".repeat(1000)).status());
    assertEquals(404, served.post(STREAMS + "/b/feedback", body.formatted("b/0", "[1]")).status());
  }

  @Test
  void streamsAreListed() {
    infer("b");
    infer("a");
    JsonNode streams = served.get(STREAMS).json().get("streams");
    assertEquals(2, streams.size());
    assertEquals("a", streams.at("/0/stream").asText());
    assertEquals("frozen", streams.at("/0/method").asText());
    assertEquals(3, streams.at("/0/recent/labels").size());
    assertTrue(streams.at("/0/recent/accuracy").isNull());
  }

  @Test
  void controlNeedsTheToken() {
    infer("a");
    assertEquals(401, served.post(STREAMS + "/a/freeze", "").status());
    assertEquals(
        401, served.post(STREAMS + "/a/freeze", "", "Authorization", "Bearer wrong").status());
    assertFalse(served.get(STREAMS + "/a").json().get("frozen").asBoolean());
    assertTrue(served.post(STREAMS + "/a/freeze", "", TOKEN).json().get("frozen").asBoolean());
    assertFalse(served.post(STREAMS + "/a/unfreeze", "", TOKEN).json().get("frozen").asBoolean());
    assertEquals(404, served.post(STREAMS + "/b/freeze", "", TOKEN).status());
    assertEquals(404, served.post(STREAMS + "/a/explode", "", TOKEN).status());
  }

  @Test
  void withoutATokenNobodyControls() throws IOException {
    try (Served bare = new Served(folder, "")) {
      Served.Answer answer = bare.post(STREAMS + "/a/freeze", "", TOKEN);
      assertEquals(403, answer.status());
      assertTrue(answer.error().contains("serve.token"), answer.error());
    }
  }

  @Test
  void resetSnapshotAndRestore() {
    infer("a");
    assertEquals(200, served.post(STREAMS + "/a/reset", "", TOKEN).status());
    Served.Answer snapshot = served.post(STREAMS + "/a/snapshot", "", TOKEN);
    assertEquals(200, snapshot.status());
    byte[] bytes = snapshot.raw().body();
    assertTrue(bytes.length > 8);
    assertEquals(200, served.post(STREAMS + "/a/restore", bytes, TOKEN).status());
    Served.Answer broken = served.post(STREAMS + "/a/restore", new byte[] {1, 2, 3}, TOKEN);
    assertEquals(400, broken.status(), broken.error());
    assertEquals(401, served.post(STREAMS + "/a/snapshot", "").status());
  }

  /** Four streams may be open. */
  @Test
  void aClosedStreamGivesItsPlaceBackAndBeginsAnew() {
    for (String stream : List.of("a", "b", "c", "d", "a")) {
      infer(stream);
    }
    String infer = "/v2/models/tiny/infer";
    String body =
        "{\"inputs\": [{\"name\": \"x\", \"shape\": [1, 3], \"datatype\": \"FP32\","
            + " \"data\": [1, 5, 0]}]}";
    assertEquals(503, served.post(infer, body, "Acclimate-Stream", "e").status());
    Served.Answer closed = served.delete(STREAMS + "/a", TOKEN);
    assertEquals(200, closed.status(), closed.error());
    assertEquals(2, closed.json().at("/counts/batches").asInt());
    assertEquals(404, served.get(STREAMS + "/a").status());
    assertEquals(404, served.post(STREAMS + "/a/freeze", "", TOKEN).status());
    assertEquals(404, served.delete(STREAMS + "/a", TOKEN).status());
    JsonNode left = served.get(STREAMS).json().get("streams");
    assertEquals(List.of("b", "c", "d"), left.findValuesAsText("stream"));
    assertEquals(200, served.post(infer, body, "Acclimate-Stream", "e").status());
    assertEquals(503, served.post(infer, body, "Acclimate-Stream", "a").status());
    assertEquals(200, served.delete(STREAMS + "/e", TOKEN).status());
    assertEquals("a/0", infer("a"));
  }

  @Test
  void closingNeedsTheTokenWhateverTheStreamsName() {
    for (String stream : List.of("a", "feedback", "infer")) {
      infer(stream);
      assertEquals(401, served.delete(STREAMS + "/" + stream).status(), stream);
      assertEquals(200, served.get(STREAMS + "/" + stream).status());
      assertEquals(200, served.delete(STREAMS + "/" + stream, TOKEN).status());
    }
  }

  @Test
  void aStreamOfTheFileIsOpenedAnewAsTheFileSays() {
    served.streams.open("door", "label-shift-em", ConfigFactory.empty());
    assertEquals("door/0", infer("door"));
    assertEquals(200, served.delete(STREAMS + "/door", TOKEN).status());
    assertEquals(404, served.get(STREAMS + "/door").status());
    assertEquals("door/0", infer("door"));
    assertEquals("label-shift-em", served.get(STREAMS + "/door").json().get("method").asText());
  }
}
