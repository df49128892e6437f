package io.acclimate.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.acclimate.tests.support.Command;
import io.acclimate.tests.support.Project;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ctrl-C and SIGTERM end long work in good order: native code is left, nothing half-done stays. */
class StopSignalTest {
  @TempDir Path folder;

  /** Starts a command and waits until it shows progress. */
  private Command started(String progress, String... arguments) throws Exception {
    assumeTrue(Command.canSignal(), "needs kill");
    Map<String, String> here = Map.of("java.io.tmpdir", folder.toString());
    Command command = Command.start(folder, here, arguments);
    while (command.process().isAlive() && !command.errorSoFar().contains(progress)) {
      Thread.sleep(50);
    }
    return command;
  }

  private static void assertStopped(Command.Result result) {
    assertEquals(130, result.exitCode(), result.error());
    assertTrue(result.error().contains("acclimate: interrupted\n"), result.error());
    assertFalse(result.error().contains("\tat "), result.error());
    assertEquals("", result.output());
  }

  private List<Path> left(String prefix) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.getFileName().toString().startsWith(prefix)).toList();
    }
  }

  @Test
  void aBenchmarkWithALearnerInTheBackground() throws Exception {
    assertStopped(started("an image every", "bench", "learning").signal("TERM"));
    assertEquals(List.of(), left("hs_err"));
    assertEquals(List.of(), left("acclimate-bench"), "its folder is removed");
  }

  @Test
  void training() throws Exception {
    Command training =
        started(
            " steps;",
            "train",
            Project.example("synopses-lora.conf").toString(),
            "--set",
            "model.tokens=8", // small steps: the first line of progress comes soon
            "--set",
            "recipe.batch-size=8",
            "--set",
            "output=" + folder.resolve("out/adapter.safetensors"));
    assertStopped(training.interrupt());
    assertEquals(List.of(), left("out"), "nothing is written");
  }
}
