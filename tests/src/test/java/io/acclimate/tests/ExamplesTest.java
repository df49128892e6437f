package io.acclimate.tests;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.acclimate.simulators.scenario.ScenarioLoader;
import io.acclimate.simulators.tasks.ContinualScenarioLoader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every example that says it is for {@code simulate} is a scenario without mistakes. */
class ExamplesTest {
  private static final Path EXAMPLES = Path.of("..", "examples");

  static List<Path> scenarios() throws IOException {
    try (Stream<Path> files = Files.list(EXAMPLES)) {
      return files.filter(ExamplesTest::isForSimulate).sorted().toList();
    }
  }

  private static boolean isForSimulate(Path file) {
    try {
      return Files.isRegularFile(file)
          && Files.readString(file).contains("./acclimate simulate examples/" + file.getFileName());
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @ParameterizedTest
  @MethodSource("scenarios")
  void hasNoMistakes(Path file) {
    if (ContinualScenarioLoader.load(file, List.of()).isEmpty()) {
      assertFalse(ScenarioLoader.load(file, List.of()).regimes().isEmpty());
    }
  }

  @ParameterizedTest
  @MethodSource("scenarios")
  void isInTheReadme(Path file) throws IOException {
    assertTrue(
        Files.readString(Path.of("..", "README.md")).contains("examples/" + file.getFileName()));
  }
}
