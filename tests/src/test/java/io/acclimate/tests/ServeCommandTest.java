package io.acclimate.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.acclimate.tests.support.Command;
import io.acclimate.tests.support.Fashion;
import io.acclimate.tests.support.Project;
import io.acclimate.tests.support.Service;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServeCommandTest {
  private static final String CONF = Project.example("serve.conf").toString();
  private static final String LEARNING = Project.example("serve-learning.conf").toString();
  private static final String MODEL = "/v2/models/fashion-vit";
  private static final String TOKEN = "a-token-of-tests-0123456789";
  private static final Fashion IMAGES = new Fashion();

  @TempDir Path folder;

  private Service serve(String conf, String... settings) throws Exception {
    List<String> arguments = new ArrayList<>(List.of("serve", conf, "--port", "0"));
    for (String setting : settings) {
      arguments.addAll(List.of("--set", setting));
    }
    return Service.of(Command.start(folder, Map.of(), arguments.toArray(String[]::new)), TOKEN);
  }

  private static JsonNode infer(Service service, String request) throws Exception {
    Service.Answer answer = service.post(MODEL + "/infer", request);
    assertEquals(200, answer.status(), answer.json().toString());
    return answer.json();
  }

  private static void assertStopped(Command.Result result) {
    assertEquals(0, result.exitCode(), result.error());
    assertTrue(result.output().contains("stopping"), result.output());
    assertTrue(result.output().endsWith("stopped\n"), result.output());
    assertFalse(result.error().contains("Exception"), result.error());
  }

  /** Ctrl-C saves what streams have learned; the next start goes on with it. */
  @Test
  void servesStopsAndGoesOn() throws Exception {
    assumeTrue(Command.canSignal(), "needs kill");
    String journal = "journal=" + folder.resolve("journal");
    for (int round = 0; round < 2; round++) {
      Service service = serve(CONF, journal);
      JsonNode answer = infer(service, IMAGES.request("camera-1", 0, 1, false));
      assertEquals("camera-1/" + round, answer.at("/parameters/prediction_id").asText());
      assertEquals(10, answer.at("/outputs/0/shape/1").asInt());
      assertStopped(service.interrupt());
    }
    Command.Result replayed =
        Command.run(folder, "journal", "replay", folder.resolve("journal").toString());
    assertEquals(2, replayed.exitCode());
    assertTrue(
        replayed.error().contains("expected the run of a simulation, found one of 'serve'"),
        replayed.error());
  }

  /** Whoever looks into the log a day later wants to know when it was. */
  @Test
  void linesOfTheLogBeginWithTheTime() throws Exception {
    assumeTrue(Command.canSignal(), "needs kill");
    Service service = serve(CONF);
    assertEquals(404, service.get("/nothing").status());
    Command.Result result = service.interrupt();
    assertStopped(result);
    String time = "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}(Z|[+-]\\d\\d:\\d\\d) ";
    List<String> refusals = result.error().lines().filter(line -> line.contains("404")).toList();
    assertEquals(1, refusals.size(), result.error());
    assertTrue(refusals.get(0).matches(time + "\\[WARN] .*"), refusals.get(0));
  }

  private String[] learning(String... more) {
    List<String> settings =
        new ArrayList<>(
            List.of(
                "learner.bank=" + folder.resolve("bank"),
                "learner.folder=" + folder.resolve("learner"),
                "learner.task-samples=64",
                "learner.cpu-share=1",
                "learner.gate={least-accuracy = 0, least-gain = -1}",
                "learner.revert.most-drop=1",
                "serve.token=" + TOKEN));
    settings.addAll(List.of(more));
    return settings.toArray(String[]::new);
  }

  /**
   * Sends labelled images of an upside-down camera and waits for what the learner makes of them.
   */
  private static JsonNode teach(Service service) throws Exception {
    for (int from = 0; from < 64; from += 32) {
      JsonNode answer = infer(service, IMAGES.request("camera-1", from, 32, true));
      assertTrue(answer.at("/parameters/adapter").isMissingNode(), answer.toString());
      String prediction = answer.at("/parameters/prediction_id").asText();
      Service.Answer feedback =
          service.post(MODEL + "/streams/camera-1/feedback", IMAGES.feedback(prediction, from, 32));
      assertEquals("accepted", feedback.json().path("outcome").asText());
    }
    JsonNode status = service.get(MODEL + "/learner").json();
    while (status.get("task").asInt() == 0) {
      Thread.sleep(100);
      status = service.get(MODEL + "/learner").json();
    }
    return status;
  }

  /** Labels that come in over HTTP become an adapter that serves, and is there after a stop. */
  @Test
  void labelsBecomeAnAdapterThatServes() throws Exception {
    assumeTrue(Command.canSignal(), "needs kill");
    Service service = serve(LEARNING, learning());
    JsonNode status = teach(service);
    assertEquals("promoted", status.at("/last/verdict").asText(), status.toString());
    JsonNode served = infer(service, IMAGES.request("camera-2", 64, 32, true));
    assertEquals("learned@1", served.at("/parameters/adapter").asText(), served.toString());
    assertEquals(1, served.at("/parameters/bank_version").asInt());
    assertTrue(served.at("/parameters/fallback").isMissingNode(), served.toString());
    JsonNode versions = service.get(MODEL + "/adapters").json().get("versions");
    assertEquals(2, versions.size());
    assertEquals("task 0 learned", versions.get(0).get("note").asText());
    infer(service, IMAGES.request("camera-1", 64, 32, true)); // has had answers without it
    assertTrue(service.tells("another adapter serves"), "the reset was not asked for");
    assertStopped(service.signal("TERM"));

    service = serve(LEARNING, learning());
    JsonNode again = infer(service, IMAGES.request("camera-2", 64, 32, true));
    assertEquals(served.at("/outputs/0/data"), again.at("/outputs/0/data"));
    Service.Answer back = service.post(MODEL + "/adapters/rollback", "{\"version\": 0}");
    assertEquals(2, back.json().path("version").asInt(), back.json().toString());
    JsonNode frozen = infer(service, IMAGES.request("camera-2", 64, 32, true));
    assertTrue(frozen.at("/parameters/adapter").isMissingNode(), frozen.toString());
    Command.Result refused =
        Command.run(folder, "bank", "rollback", folder.resolve("bank").toString(), "1");
    assertEquals(2, refused.exitCode());
    assertTrue(refused.error().contains("let the learner roll back"), refused.error());
    assertStopped(service.signal("TERM"));

    servesFromTheBankAlone(served.at("/outputs/0/data"), frozen.at("/outputs/0/data"));
  }

  /** Each stream has its choice, of which the bank may have another version at any time. */
  private void servesFromTheBankAlone(JsonNode learned, JsonNode frozen) throws Exception {
    Service service =
        serve(
            CONF,
            "adapters.bank=" + folder.resolve("bank"),
            "adapters.default=learned@1",
            "adapters.streams={camera-2 = learned, \"camera:3\" = frozen}",
            "streams=[]",
            "new-streams.method=frozen",
            "serve.token=" + TOKEN);
    assertEquals(learned, data(service, "camera-1"));
    assertEquals(frozen, data(service, "camera-2"), "the learner has rolled it back");
    assertEquals(frozen, data(service, "camera:3"));
    Command.run(folder, "bank", "rollback", folder.resolve("bank").toString(), "1");
    assertEquals(learned, data(service, "camera-2"));
    String choose = MODEL + "/streams/camera:3/adapter";
    Service.Answer chosen = service.post(choose, "{\"adapter\": \"learned\"}");
    assertEquals("learned", chosen.json().path("adapter").asText(), chosen.json().toString());
    assertEquals(learned, data(service, "camera:3"));
    for (String stream : List.of("camera-2", "camera:3")) {
      awaitReset(service, stream);
    }
    JsonNode first = service.get(MODEL + "/streams/camera-1").json();
    assertEquals(0, first.at("/counts/resets").asInt(), first.toString());
    assertStopped(service.signal("TERM"));
  }

  /** What a method has learned of one adapter's output is not of another's. */
  private static void awaitReset(Service service, String stream) throws Exception {
    while (service.get(MODEL + "/streams/" + stream).json().at("/counts/resets").asInt() != 1) {
      data(service, stream); // resets are counted with the batch that comes after them
    }
  }

  private static JsonNode data(Service service, String stream) throws Exception {
    return infer(service, IMAGES.request(stream, 64, 32, true)).at("/outputs/0/data");
  }

  /** A server that could not be started again after a kill is not started at all. */
  @Test
  void aJournalHasToKeepWhatMethodsLearnFrom() throws Exception {
    String journal = "journal=" + folder.resolve("journal");
    Command.Result result =
        Command.run(folder, "serve", CONF, "--set", journal, "--set", "new-streams.method=tent");
    assertEquals(2, result.exitCode(), result.error());
    assertTrue(
        result.error().contains("journal-settings: expected payload = input"), result.error());
  }

  private static void assertNamesAll(Command.Result refused, String... mistakes) {
    assertEquals(2, refused.exitCode(), refused.error());
    for (String words : mistakes) {
      assertTrue(refused.error().contains(words), refused.error());
    }
    assertFalse(refused.error().contains("\tat "), refused.error());
  }

  @Test
  void mistakesOfAdaptersAreNamedTogether() throws Exception {
    Command.Result result =
        Command.run(
            folder,
            "serve",
            CONF,
            "--set",
            "adapters={default = \"Not a name\", streams {camera-1 = \"a@b\", camera-2 = night}, bank-settings.codec = zip}");
    assertNamesAll(
        result,
        "adapters.default: expected frozen, NAME, NAME@VERSION or task:NAME",
        "adapters.streams.camera-1: expected frozen, NAME",
        "adapters.bank-settings.codec: expected one of",
        "adapters.bank: expected the folder of a bank, as streams");
    Command.Result none =
        Command.run(folder, "serve", CONF, "--set", "adapters.bank=" + folder.resolve("no-bank"));
    assertEquals(2, none.exitCode());
    assertTrue(none.error().contains("expected a bank"), none.error());
  }

  @Test
  void inShadowModeTheFrozenModelServes() throws Exception {
    assumeTrue(Command.canSignal(), "needs kill");
    Service service = serve(LEARNING, learning("learner.shadow=true"));
    JsonNode status = teach(service);
    assertEquals("shadow", status.at("/last/verdict").asText(), status.toString());
    JsonNode answer = infer(service, IMAGES.request("camera-1", 64, 32, true));
    assertTrue(answer.at("/parameters/adapter").isMissingNode(), answer.toString());
    assertStopped(service.interrupt());
  }

  @Test
  void mistakesOfTheLearnerAreNamedTogether() throws Exception {
    Command.Result result =
        Command.run(
            folder,
            "serve",
            LEARNING,
            "--set",
            "learner.folder=\"\"",
            "--set",
            "learner.cpu-share=2",
            "--set",
            "learner.bank-settings.codec=zip",
            "--set",
            "learner.budget=1",
            "--set",
            "learner.settings.modules={bias={rank=1}}");
    assertNamesAll(
        result,
        "learner.folder: expected where the learner keeps its samples",
        "learner.cpu-share: expected a number",
        "learner.bank-settings.codec: expected one of",
        "learner.budget: unknown setting");
  }

  @Test
  void whatTheLearnerCannotServeIsRefused() throws Exception {
    assertRefused("new-streams.method=tent", "method tent runs the frozen model itself");
    assertRefused("learner.settings.modules={bias={}}", "expected the module lora alone");
    assertRefused("learner.bank=\"\"", "learner.bank: expected the folder of a bank");
    assertRefused("learner.bank=models", "expected an empty folder");
    assertRefused("learner.method=joint", "cannot learn in the background");
  }

  private void assertRefused(String setting, String words) throws Exception {
    Command.Result result =
        Command.run(
            folder,
            "serve",
            LEARNING,
            "--set",
            "learner.bank=" + folder.resolve("bank"),
            "--set",
            "learner.folder=" + folder.resolve("learner"),
            "--set",
            setting);
    assertNamesAll(result, words);
  }

  @Test
  void mistakesAreNamedTogether() throws Exception {
    Command.Result result =
        Command.run(
            folder,
            "serve",
            CONF,
            "--set",
            "serve.host=0.0.0.0",
            "--set",
            "serve.limits.burst=one",
            "--set",
            "streams=[{id = \"a/b\", method = lame}, {id = b, method = lane}]",
            "--set",
            "runtime.source-fisher=x",
            "--set",
            "model.source-label-shift=nowhere.safetensors");
    assertEquals(2, result.exitCode(), result.error());
    for (String words :
        Arrays.asList(
            "beyond loopback",
            "serve.limits.burst: expected a whole number",
            "found 'a/b'",
            "did you mean 'lame'",
            "stands under model",
            "nowhere.safetensors")) {
      assertTrue(result.error().contains(words), result.error());
    }
    assertFalse(result.error().contains("\tat "), result.error());
  }

  @Test
  void portInUseIsOneClearError() throws Exception {
    Command first = Command.start(folder, Map.of(), "serve", CONF, "--port", "0");
    try {
      String port = Integer.toString(Service.of(first, "").port());
      Command.Result result = Command.run(folder, "serve", CONF, "--port", port);
      assertEquals(2, result.exitCode(), result.error());
      assertTrue(
          result.error().contains("cannot listen on 127.0.0.1 port " + port), result.error());
      assertFalse(result.error().contains("\tat "), result.error());
    } finally {
      first.process().destroy();
      first.finish();
    }
  }
}
