package io.acclimate.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.acclimate.tests.support.Command;
import io.acclimate.tests.support.Project;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServeCommandTest {
  private static final Pattern ADDRESS = Pattern.compile("serving \\S+ at (http://\\S+)");
  private static final String CONF = Project.example("serve.conf").toString();

  @TempDir Path folder;

  /** Ctrl-C saves what streams have learned; the next start goes on with it. */
  @Test
  void servesStopsAndGoesOn() throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/bin/kill")), "needs kill");
    String journal = "journal=" + folder.resolve("journal");
    for (int round = 0; round < 2; round++) {
      Command command =
          Command.start(folder, Map.of(), "serve", CONF, "--port", "0", "--set", journal);
      URI address = address(command);
      JsonNode answer = infer(address);
      assertEquals("camera-1/" + round, answer.at("/parameters/prediction_id").asText());
      assertEquals(10, answer.at("/outputs/0/shape/1").asInt());
      new ProcessBuilder("kill", "-INT", Long.toString(command.process().pid())).start().waitFor();
      Command.Result result = command.finish();
      assertEquals(0, result.exitCode(), result.error());
      assertTrue(result.output().contains("stopping"), result.output());
      assertTrue(result.output().endsWith("stopped\n"), result.output());
      assertFalse(result.error().contains("Exception"), result.error());
    }
  }

  private static URI address(Command command) throws Exception {
    while (command.process().isAlive()) {
      Matcher found = ADDRESS.matcher(command.outputSoFar());
      if (found.find()) {
        return URI.create(found.group(1));
      }
      Thread.sleep(50);
    }
    throw new AssertionError(command.finish().error());
  }

  private static JsonNode infer(URI address) throws Exception {
    List<Integer> pixels = Collections.nCopies(28 * 28, 0);
    String body =
        """
        {"parameters": {"stream": "camera-1"},
         "inputs": [{"name": "image", "shape": [1, 1, 28, 28], "datatype": "FP32", "data": %s}]}
        """
            .formatted(pixels);
    HttpRequest request =
        HttpRequest.newBuilder(address.resolve("/v2/models/fashion-vit/infer"))
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build();
    HttpResponse<String> response =
        HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
    assertEquals(200, response.statusCode(), response.body());
    return new ObjectMapper().readTree(response.body());
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
      String port = Integer.toString(address(first).getPort());
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
