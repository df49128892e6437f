package io.acclimate.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.acclimate.runtime.testing.FreePorts;
import io.acclimate.tests.support.Command;
import io.acclimate.tests.support.Fashion;
import io.acclimate.tests.support.Project;
import io.acclimate.tests.support.Service;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClusterCommandTest {
  private static final String CONF = Project.example("cluster.conf").toString();
  private static final String MODEL = "/v2/models/fashion-vit";

  @TempDir Path folder;

  private Command node(int number, String nodes) throws IOException {
    List<String> arguments =
        List.of(
            "cluster",
            CONF,
            "--node",
            Integer.toString(number),
            "--port",
            "0",
            "--set",
            "nodes=" + nodes,
            "--set",
            "http-ports=[]",
            "--set",
            "cluster.folder=" + folder.resolve("records"),
            "--set",
            "load.streams=2",
            "--set",
            "load.interval-millis=200");
    return Command.start(folder, Map.of(), arguments.toArray(String[]::new));
  }

  /** Streams of the load and others are answered by both nodes, wherever they live. */
  @Test
  void everyNodeAnswersOverHttp() throws Exception {
    assumeTrue(Command.canSignal(), "needs kill");
    Fashion images = new Fashion();
    List<Integer> ports = FreePorts.some(2);
    String nodes = "[\"127.0.0.1:%d\", \"127.0.0.1:%d\"]".formatted(ports.get(0), ports.get(1));
    Service first = Service.of(node(1, nodes), "");
    Service second = Service.of(node(2, nodes), "");
    List<String> numbers = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      for (Service node : List.of(first, second)) {
        Service.Answer answer =
            node.post(MODEL + "/infer", images.request("camera-1", 8 * i, 8, false));
        assertEquals(200, answer.status(), answer.json().toString());
        numbers.add(answer.json().at("/parameters/prediction_id").asText());
      }
    }
    assertEquals(
        List.of("camera-1/0", "camera-1/1", "camera-1/2", "camera-1/3", "camera-1/4", "camera-1/5"),
        numbers);
    for (Service node : List.of(first, second)) {
      JsonNode load = node.get(MODEL + "/streams/stream-2").json();
      assertEquals("label-shift-em", load.path("method").asText(), load.toString());
      assertEquals(404, node.get(MODEL + "/streams/nobody").status());
      assertEquals(403, node.post(MODEL + "/streams/camera-1/freeze", "").status());
    }
    for (Service node : List.of(second, first)) {
      Command.Result result = node.signal("TERM");
      assertEquals(0, result.exitCode(), result.error());
      assertTrue(result.output().endsWith("leaving\nleft\n"), result.output());
      assertFalse(result.error().contains("\tat "), result.error());
      assertFalse(result.error().contains("[ERROR]"), result.error());
      String refusal = "\\d{4}-\\d\\d-\\d\\dT\\S+ \\[WARN] .*404.*";
      assertTrue(result.error().lines().anyMatch(line -> line.matches(refusal)), result.error());
    }
  }

  @Test
  void unknownNodeIsTheOnlyMistake() throws Exception {
    Command.Result result = Command.run(folder, "cluster", CONF, "--node", "9");
    assertEquals(2, result.exitCode(), result.error());
    assertTrue(result.error().contains("has 1 mistake(s)"), result.error());
    assertTrue(result.error().contains("expected one for --node 9"), result.error());
  }

  @Test
  void mistakesAreNamedTogether() throws Exception {
    Command.Result result =
        Command.run(
            folder,
            "cluster",
            CONF,
            "--node",
            "2",
            "--set",
            "http-ports=[8081, none]",
            "--set",
            "serve.port=80",
            "--set",
            "serve.host=0.0.0.0",
            "--set",
            "new-streams.method=lane",
            "--set",
            "load.method=tint");
    assertEquals(2, result.exitCode(), result.error());
    for (String words :
        List.of(
            "http-ports: expected ports, found none",
            "http-ports: expected one for each of the 3 nodes",
            "serve.port: stands in http-ports",
            "beyond loopback",
            "did you mean 'lame'",
            "did you mean 'tent'")) {
      assertTrue(result.error().contains(words), result.error());
    }
    assertFalse(result.error().contains("\tat "), result.error());
  }
}
