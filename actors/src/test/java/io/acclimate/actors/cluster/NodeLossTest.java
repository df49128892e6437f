package io.acclimate.actors.cluster;

import static io.acclimate.actors.cluster.Nodes.batch;
import static io.acclimate.actors.cluster.Nodes.get;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.acclimate.actors.AdaptiveRuntime;
import io.acclimate.actors.AdaptiveStream;
import io.acclimate.actors.Prediction;
import io.acclimate.actors.RuntimeSettings;
import io.acclimate.runtime.FrozenModel;
import io.acclimate.runtime.testing.FreePorts;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three processes serve streams, and one of them is killed. */
class NodeLossTest {
  private static final String METHOD = "label-shift-em";
  private static final int STREAMS = 18;
  private static final int BATCHES = 8;

  @TempDir Path folder;

  @Test
  void streamsOfAKilledNodeGoOnElsewhere() throws Exception {
    int port = FreePorts.one();
    String seeds =
        "request-seconds = 300, join-seconds = 300, seeds = [\"127.0.0.1:%d\"]".formatted(port);
    List<Process> children = new ArrayList<>();
    try (FrozenModel model = Nodes.model(folder);
        AdaptiveRuntime alone = AdaptiveRuntime.start(model);
        ClusterRuntime node =
            ClusterRuntime.start(
                model, RuntimeSettings.defaults(), Nodes.of(Nodes.settings(folder, port, seeds)))) {
      Map<String, Process> nodes = new HashMap<>();
      for (int i = 0; i < 2; i++) {
        children.add(child(seeds));
      }
      for (Process child : children) {
        nodes.put(address(child), child);
      }
      Nodes.awaitShares(node, 3);
      List<Run> runs = new ArrayList<>();
      for (int i = 0; i < STREAMS; i++) {
        String id = "stream/" + i;
        runs.add(new Run(node.stream(id, METHOD), alone.stream(id, METHOD), i));
      }
      runs.forEach(run -> run.feed(0, 2));
      runs.forEach(Run::check);
      Map<String, String> before = whereabouts(runs);
      String lost = busiest(before, nodes);
      runs.forEach(run -> run.feed(2, BATCHES));
      nodes.get(lost).destroyForcibly().waitFor();
      runs.forEach(Run::check);
      Map<String, String> after = whereabouts(runs);
      for (Run run : runs) {
        assertNotEquals(lost, after.get(run.stream.id()));
        run.feed(BATCHES, BATCHES + 2);
        run.check();
      }
      assertEquals(2, node.nodes().size());
    } finally {
      children.forEach(Process::destroyForcibly);
    }
  }

  /** A stream of the cluster beside one that nothing happens to. */
  private static final class Run {
    private final ClusterStream stream;
    private final AdaptiveStream alone;
    private final int seed;
    private final Map<Integer, CompletionStage<Prediction>> answers = new LinkedHashMap<>();

    Run(ClusterStream stream, AdaptiveStream alone, int seed) {
      this.stream = stream;
      this.alone = alone;
      this.seed = seed;
    }

    void feed(int from, int to) {
      for (int i = from; i < to; i++) {
        answers.put(i, stream.adapt(batch(1000 * seed + i)));
      }
    }

    /** Each batch was learned once, in its order. */
    void check() {
      answers.forEach(
          (i, answer) -> {
            Prediction found = get(answer);
            assertEquals(i.longValue(), found.sequence());
            Prediction expected = get(alone.adapt(batch(1000 * seed + i)));
            assertArrayEquals(
                expected.probabilities(), found.probabilities(), stream.id() + " " + i);
          });
      answers.clear();
    }
  }

  private static Map<String, String> whereabouts(List<Run> runs) {
    Map<String, CompletableFuture<String>> asked = new HashMap<>();
    runs.forEach(run -> asked.put(run.stream.id(), run.stream.node().toCompletableFuture()));
    Map<String, String> found = new HashMap<>();
    asked.forEach((id, node) -> found.put(id, node.join()));
    return found;
  }

  private static String busiest(Map<String, String> whereabouts, Map<String, Process> nodes) {
    Map<String, Integer> counts = new HashMap<>();
    whereabouts.values().forEach(node -> counts.merge(node, 1, Integer::sum));
    String busiest =
        nodes.keySet().stream()
            .max((a, b) -> counts.getOrDefault(a, 0) - counts.getOrDefault(b, 0))
            .orElseThrow();
    assertTrue(counts.getOrDefault(busiest, 0) > 0, "streams live on several nodes: " + counts);
    return busiest;
  }

  private Process child(String seeds) throws IOException {
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx256m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
            ClusterChild.class.getName(),
            folder.resolve("tiny.onnx").toString(),
            Nodes.settings(folder, 0, seeds));
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }

  private static String address(Process child) throws IOException {
    BufferedReader lines = child.inputReader();
    String line = lines.readLine();
    while (line != null && !line.startsWith("up ")) {
      line = lines.readLine();
    }
    assertTrue(line != null, "the node ended before it was up");
    return line.substring("up ".length());
  }
}
