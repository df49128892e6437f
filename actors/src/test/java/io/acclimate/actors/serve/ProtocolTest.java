package io.acclimate.actors.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProtocolTest {
  private static final String INFER = "/v2/models/tiny/infer";

  @TempDir Path folder;
  private Served served;

  @BeforeEach
  void start() throws IOException {
    served = new Served(folder, "limits.requests-per-second = 0");
  }

  @AfterEach
  void stop() {
    served.close();
  }

  @Test
  void serverAndModelSayWhatTheyAre() {
    assertEquals("acclimate", served.get("/v2").json().get("name").asText());
    assertEquals(200, served.get("/v2/health/live").status());
    assertEquals(200, served.get("/v2/health/ready").status());
    JsonNode model = served.get("/v2/models/tiny").json();
    String version = model.at("/versions/0").asText();
    assertTrue(served.model.sha256().startsWith(version), version);
    assertEquals("x", model.at("/inputs/0/name").asText());
    assertEquals("[-1,3]", model.at("/inputs/0/shape").toString());
    assertEquals("probabilities", model.at("/outputs/0/name").asText());
    assertEquals("[-1,3]", model.at("/outputs/0/shape").toString());
    assertEquals(200, served.get("/v2/models/tiny/ready").status());
    assertEquals(model, served.get("/v2/models/tiny/versions/" + version).json());
    assertEquals(404, served.get("/v2/models/tiny/versions/1").status());
    assertEquals(404, served.get("/v2/models/huge").status());
    assertEquals(404, served.get("/v3").status());
    assertEquals(405, served.get(INFER).status());
  }

  @Test
  void answersJson() {
    Served.Answer answer =
        served.post(
            INFER,
            """
            {"id": "7", "parameters": {"stream": "cam-1", "learn": false, "unknown": [1]},
             "inputs": [{"name": "x", "shape": [2, 3], "datatype": "FP32",
                         "data": [[1, 5, 0], [2.5e0, 0, 0]]}]}
            """);
    assertEquals(200, answer.status(), answer.error());
    JsonNode json = answer.json();
    assertEquals("tiny", json.get("model_name").asText());
    assertEquals("7", json.get("id").asText());
    assertEquals("cam-1", json.at("/parameters/stream").asText());
    assertEquals("frozen", json.at("/parameters/method").asText());
    assertEquals("[2,3]", json.at("/outputs/0/shape").toString());
    double e = Math.exp(4) / (1 + Math.exp(4) + Math.exp(-1));
    assertEquals(e, json.at("/outputs/0/data/1").asDouble(), 1e-6);
    assertEquals("[1,0]", json.at("/outputs/1/data").toString());
    assertEquals("frozen_labels", json.at("/outputs/2/name").asText());
    assertEquals(1, served.runtime.find("cam-1").orElseThrow().nextBatch());
  }

  @Test
  void flatDataAndTheStreamHeaderAreTheSame() {
    Served.Answer answer = served.post(INFER, body("[0, 0, 4]"), "Acclimate-Stream", "by-header");
    assertEquals("[2]", answer.json().at("/outputs/1/data").toString());
    assertEquals("by-header", answer.json().at("/parameters/stream").asText());
    assertEquals(
        "default", served.post(INFER, body("[0,0,4]")).json().at("/parameters/stream").asText());
  }

  private static String body(String data) {
    return """
        {"inputs": [{"data": %s, "name": "x", "shape": [1, 3], "datatype": "FP32"}]}
        """
        .formatted(data);
  }

  @Test
  void takesAndGivesRawBytes() throws IOException {
    String json =
        """
        {"inputs": [{"name": "x", "shape": [1, 3], "datatype": "FP32",
                     "parameters": {"binary_data_size": 12}}],
         "outputs": [{"name": "labels", "parameters": {"binary_data": true}},
                     {"name": "probabilities", "parameters": {"binary_data": false}},
                     {"name": "frozen_labels"}],
         "parameters": {"binary_data_output": true}}
        """;
    ByteBuffer raw = ByteBuffer.allocate(12).order(ByteOrder.LITTLE_ENDIAN);
    raw.putFloat(0).putFloat(9).putFloat(0);
    byte[] head = json.getBytes(StandardCharsets.UTF_8);
    Served.Answer answer =
        served.post(
            INFER,
            join(head, raw.array()),
            "Inference-Header-Content-Length",
            Integer.toString(head.length));
    assertEquals(200, answer.status());
    int split =
        answer.raw().headers().firstValue("Inference-Header-Content-Length").stream()
            .mapToInt(Integer::parseInt)
            .findFirst()
            .orElseThrow();
    byte[] bytes = answer.raw().body();
    JsonNode first = new ObjectMapper().readTree(bytes, 0, split);
    assertEquals(8, first.at("/outputs/0/parameters/binary_data_size").asInt());
    assertEquals(3, first.at("/outputs/1/data").size());
    ByteBuffer values =
        ByteBuffer.wrap(bytes, split, bytes.length - split).order(ByteOrder.LITTLE_ENDIAN);
    assertEquals(16, values.remaining());
    assertEquals(1, values.getLong());
    assertEquals(1, values.getLong());
  }

  private static byte[] join(byte[] a, byte[] b) {
    ByteArrayOutputStream joined = new ByteArrayOutputStream();
    joined.writeBytes(a);
    joined.writeBytes(b);
    return joined.toByteArray();
  }

  @Test
  void mistakesAreNamed() {
    assertRefused(
        "expected shape [batch, 3], found [1, 4]", body("[1,2,3,4]").replace("1, 3", "1, 4"));
    assertRefused("expected 3 values for shape [1, 3], found 2", body("[1, 2]"));
    assertRefused("expected numbers, found VALUE_STRING", body("[1, \"2\", 3]"));
    assertRefused("expected datatype FP32", body("[1,2,3]").replace("FP32", "INT64"));
    assertRefused("inputs: expected 'x'", body("[1,2,3]").replace("\"x\"", "\"y\""));
    assertRefused("finite values, found Infinity", body("[1, 2, 1e39]"));
    assertRefused("batch is empty", body("[]").replace("[1, 3]", "[0, 3]"));
    assertRefused("expected inputs", "{}");
    assertRefused("mistake at byte", "{\"inputs\": [");
    assertRefused("found more after it", body("[1,2,3]") + "{}");
    assertRefused("either data or", body("[1,2,3]").replace("\"data\": [1,2,3],", ""));
    assertRefused(
        "sequence_id is not supported",
        body("[1,2,3]").replaceFirst("\\{", "{\"parameters\": {\"sequence_id\": 3},"));
    assertRefused(
        "stream: expected 1 to 128",
        body("[1,2,3]").replaceFirst("\\{", "{\"parameters\": {\"stream\": \"../x\"},"));
    Served.Answer compressed = served.post(INFER, body("[1,2,3]"), "Content-Encoding", "gzip");
    assertEquals(415, compressed.status());
    Served.Answer length =
        served.post(INFER, body("[1,2,3]"), "Inference-Header-Content-Length", "100000");
    assertTrue(length.error().contains("expected at most"), length.error());
  }

  private void assertRefused(String words, String body) {
    Served.Answer answer = served.post(INFER, body);
    assertEquals(400, answer.status(), words);
    assertTrue(answer.error().contains(words), answer.error());
  }

  @Test
  void unknownStreamsAreOpenedUpToTheLimit() {
    for (int i = 0; i < 4; i++) {
      assertEquals(200, served.post(INFER, body("[1,2,3]"), "Acclimate-Stream", "s" + i).status());
    }
    Served.Answer full = served.post(INFER, body("[1,2,3]"), "Acclimate-Stream", "s4");
    assertEquals(503, full.status());
    assertTrue(full.error().contains("streams.max"), full.error());
    assertEquals("1", full.raw().headers().firstValue("Retry-After").orElseThrow());
  }

  @Test
  void headOfAHealthCheckHasNoBody() {
    Served.Answer head =
        served.send(
            HttpRequest.newBuilder(served.uri("/v2/health/live"))
                .method("HEAD", HttpRequest.BodyPublishers.noBody()));
    assertEquals(200, head.status());
    assertEquals(0, head.raw().body().length);
  }
}
