package io.acclimate.actors.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Labels that come in over HTTP become adapters, which serve, are listed, and are rolled back. */
class LearnerCallsTest {
  private static final String MODEL = "/v2/models/fashion-vit";
  private static final String[] TOKEN = {"Authorization", "Bearer " + Served.TOKEN};

  @TempDir Path folder;

  @Test
  void adaptersAreListedAndRolledBack() throws Exception {
    try (Served served = Served.learning(folder, "token = " + Served.TOKEN)) {
      assertTrue(served.get("/v2").json().get("extensions").toString().contains("_learner"));
      JsonNode before = served.get(MODEL + "/adapters").json();
      assertEquals(1, before.get("versions").size());
      assertTrue(before.at("/versions/0/adapter").isNull());
      Lessons lessons = new Lessons(served);
      lessons.task();
      JsonNode status = lessons.awaitTask(1);
      assertEquals("learned@1", status.get("serves").asText());
      assertEquals("promoted", status.at("/last/verdict").asText());
      JsonNode versions = served.get(MODEL + "/adapters").json().get("versions");
      assertEquals("learned@1", versions.at("/0/adapter").asText());
      assertTrue(versions.at("/0/current").asBoolean());
      assertEquals(1, versions.at("/1/version").asInt() + versions.at("/0/version").asInt());
      JsonNode answer = lessons.infer(0);
      assertEquals("learned@1", answer.at("/parameters/adapter").asText());
      assertEquals(1, answer.at("/parameters/bank_version").asInt());
      assertEquals(401, served.post(MODEL + "/adapters/rollback", "{\"version\": 0}").status());
      Served.Answer back = served.post(MODEL + "/adapters/rollback", "{\"version\": 0}", TOKEN);
      assertEquals(200, back.status(), back.error());
      assertEquals(2, back.json().get("version").asInt());
      assertTrue(lessons.infer(0).at("/parameters/adapter").isMissingNode());
      served.post(MODEL + "/adapters/rollback", "{\"version\": 1}", TOKEN);
      JsonNode again = lessons.infer(0);
      assertEquals("learned@1", again.at("/parameters/adapter").asText());
      assertEquals(3, again.at("/parameters/bank_version").asInt());
      String choose = MODEL + "/streams/pupil/adapter";
      assertEquals(401, served.post(choose, "{\"adapter\": \"frozen\"}").status());
      served.post(choose, "{\"adapter\": \"frozen\"}", TOKEN);
      assertTrue(lessons.infer(0).at("/parameters/adapter").isMissingNode());
      for (String choice : List.of("learned", "learned@1")) {
        Served.Answer chosen =
            served.post(choose, "{\"adapter\": \"%s\"}".formatted(choice), TOKEN);
        assertEquals(choice, chosen.json().path("adapter").asText(), chosen.error());
        assertEquals("learned@1", lessons.infer(0).at("/parameters/adapter").asText());
      }
      assertEquals(400, served.post(choose, "{\"adapter\": \"../x\"}", TOKEN).status());
      assertEquals(400, served.post(choose, "{}", TOKEN).status());
    }
  }

  @Test
  void callsThatDoNotFitAreRefused() {
    try (Served served = Served.learning(folder, "token = " + Served.TOKEN)) {
      String rollback = MODEL + "/adapters/rollback";
      Served.Answer unknown = served.post(rollback, "{\"version\": 9}", TOKEN);
      assertEquals(400, unknown.status());
      assertTrue(unknown.error().contains("no version 9"), unknown.error());
      assertEquals(400, served.post(rollback, "{\"version\": \"one\"}", TOKEN).status());
      assertEquals(400, served.post(rollback, "{}", TOKEN).status());
      assertEquals(400, served.post(rollback, "null", TOKEN).status());
      assertEquals(400, served.post(rollback, "[".repeat(1000), TOKEN).status());
      assertEquals(400, served.post(rollback, "{\"to\": 1}", TOKEN).status());
      String end = MODEL + "/learner/end-task";
      assertEquals(401, served.post(end, "{\"name\": \"monday\"}").status());
      assertEquals(400, served.post(end, "{\"name\": \"a/../b\"}", TOKEN).status());
      assertEquals(400, served.post(end, "{}", TOKEN).status());
      Served.Answer ended = served.post(end, "{\"name\": \"monday\"}", TOKEN);
      assertEquals(200, ended.status(), ended.error());
      assertEquals(0, ended.json().get("task").asInt());
    }
  }

  @Test
  void withoutALearnerThereAreNoSuchCalls() throws IOException {
    try (Served served = new Served(folder, "")) {
      assertEquals(404, served.get("/v2/models/tiny/adapters").status());
      assertEquals(404, served.get("/v2/models/tiny/learner").status());
    }
  }
}
