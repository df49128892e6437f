package io.acclimate.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.acclimate.runtime.io.Npy;
import io.acclimate.tests.support.Command;
import io.acclimate.tests.support.Project;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A recorded run that is killed and gone on from is the run that was never killed. */
class JournalRunTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String[] RUN = {
    "--set", "stream.samples-per-domain=88",
    "--set", "domains=[clean, fog]",
    "--set", "stream.batch-size=8",
    "--set", "methods=[lame, t3a, label-shift-em]",
    "--journal-set", "snapshot-batches=3"
  };

  @TempDir Path folder;

  private Command start(Map<String, String> properties, String... first) throws IOException {
    String[] all = Stream.concat(Stream.of(first), Stream.of(RUN)).toArray(String[]::new);
    return Command.start(folder, properties, all);
  }

  /** Kills the process (SIGKILL) when its progress has come this far. */
  private static void killAt(Command command, String progress) throws Exception {
    while (!command.errorSoFar().contains(progress) && command.process().isAlive()) {
      Thread.onSpinWait();
    }
    assertTrue(command.process().isAlive(), "killed in mid-run");
    command.process().destroyForcibly();
    assertNotEquals(0, command.finish().exitCode());
  }

  private Command.Result succeed(String... arguments) throws Exception {
    Command.Result result = Command.run(folder, arguments);
    assertEquals(0, result.exitCode(), result.error());
    return result;
  }

  @Test
  void aKilledRunIsGoneOnFrom() throws Exception {
    String scenario = Project.example("fashion-drift.conf").toString();
    Command.Result whole =
        start(Map.of(), "simulate", scenario, "--journal", "whole", "--out", "a").finish();
    assertEquals(0, whole.exitCode(), whole.error());
    killAt(start(Map.of(), "simulate", scenario, "--journal", "killed", "--out", "b"), "40 of 176");
    succeed("journal", "verify", "killed");
    Command again =
        Command.start(
            folder,
            Map.of(),
            "simulate",
            "--resume",
            "killed",
            "--journal-set",
            "snapshot-batches=3");
    killAt(again, "88 of 176");
    succeed("simulate", "--resume", "killed", "--out", "b");
    assertEquals(report("a"), report("b"));
    Map<String, String> states = states("whole");
    assertTrue(states.size() > 20, states.toString());
    Map<String, String> killed = states("killed");
    killed.keySet().retainAll(states.keySet());
    states.keySet().retainAll(killed.keySet());
    assertEquals(states, killed);
    assertTrue(states.keySet().stream().filter(key -> key.endsWith(" 22")).count() == 5);
    JsonNode replayed = JSON.readTree(succeed("journal", "replay", "killed", "--json").output());
    assertTrue(replayed.get("equal").asBoolean());
    assertTrue(replayed.get("statesCompared").asInt() > 20);
  }

  /** A report without its times. */
  private JsonNode report(String out) throws IOException {
    JsonNode report = JSON.readTree(folder.resolve(out).resolve("report.json").toFile());
    for (JsonNode method : report.at("/runs/0/methods")) {
      ((ObjectNode) method).remove(List.of("samplesPerSecond", "latencyMillis"));
    }
    return report;
  }

  /** Hashes of states by stream and batch, as they were noted in the journal. */
  private Map<String, String> states(String journal) throws Exception {
    succeed("journal", "export", journal, "--jsonl", journal + ".jsonl");
    Map<String, String> states = new HashMap<>();
    for (String line : Files.readAllLines(folder.resolve(journal + ".jsonl"))) {
      JsonNode record = JSON.readTree(line);
      if (record.get("event").asText().equals("AdaptationStep")) {
        states.put(
            record.get("stream").asText() + " " + record.get("step").asText(),
            record.get("stateHash").asText());
      }
    }
    return states;
  }

  @Test
  void theToolsShowWhatAJournalHolds() throws Exception {
    String scenario = Project.example("fashion-drift.conf").toString();
    Command.Result run =
        Command.run(
            folder,
            "simulate",
            scenario,
            "--journal",
            "j",
            "--set",
            "stream.samples-per-domain=16",
            "--set",
            "domains=[clean]");
    assertEquals(0, run.exitCode(), run.error());
    JsonNode info = JSON.readTree(succeed("journal", "info", "j", "--json").output());
    assertEquals(0, info.get("faults").asInt());
    assertTrue(info.at("/kinds/Predicted").asInt() >= 3);
    assertTrue(succeed("journal", "tail", "j", "-n", "3").output().contains("StreamClosed"));
    succeed("journal", "export", "j", "--npy", "arrays", "--stream", "default, seed 1, lame");
    assertEquals(
        16, Npy.read(folder.resolve("arrays/features.npy")).shape()[0], "rows of features");
    assertEquals(16, Npy.read(folder.resolve("arrays/labels.npy")).toInts().length);
    assertFalse(Files.exists(folder.resolve("arrays/input.npy")), "features only by default");
    succeed("journal", "compact", "j", "--compress");
    succeed("journal", "verify", "j");
    refuse("expected a new folder", "simulate", scenario, "--journal", "j");
    refuse("takes scenario and --set from the journal", "simulate", scenario, "--resume", "j");
    refuse("expected a SCENARIO or --resume", "simulate");
    refuse("expected a journal's folder", "journal", "info", "nothing");
    refuse("--npy needs --stream", "journal", "export", "j", "--npy", "more");
  }

  private void refuse(String text, String... arguments) throws Exception {
    Command.Result result = Command.run(folder, arguments);
    assertEquals(2, result.exitCode(), result.output());
    assertTrue(result.error().contains(text), result.error());
  }
}
