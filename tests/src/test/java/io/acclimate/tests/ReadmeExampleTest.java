package io.acclimate.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.acclimate.actors.AdaptiveRuntime;
import io.acclimate.actors.AdaptiveStream;
import io.acclimate.actors.Prediction;
import io.acclimate.runtime.FrozenModel;
import io.acclimate.runtime.Tensor;
import io.acclimate.tests.support.Project;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The embedding example of the README compiles, runs, and is the one that stands there. */
class ReadmeExampleTest {
  @Test
  void exampleRuns() {
    Prediction prediction = embed(Project.example("models/fashion-vit.onnx"), new float[16 * 784]);
    assertEquals(16, prediction.labels().length);
    assertEquals("lame", prediction.method());
  }

  private static Prediction embed(Path modelFile, float[] pixels) {
    // README begin
    try (FrozenModel model = FrozenModel.open(modelFile);
        AdaptiveRuntime runtime = AdaptiveRuntime.start(model)) {
      AdaptiveStream camera = runtime.stream("camera-1", "lame");
      Tensor batch = Tensor.ofFloats(pixels, 16, 1, 28, 28);
      Prediction prediction = camera.adapt(batch).toCompletableFuture().join();
      return prediction; // labels(), probabilities(), frozenLabels(), timings()
    }
    // README end
  }

  @Test
  void exampleStandsInTheReadme() throws Exception {
    String readme = Files.readString(Project.root().resolve("README.md"));
    List<String> source =
        Files.readAllLines(
            Project.root()
                .resolve("tests/src/test/java/io/acclimate/tests/ReadmeExampleTest.java"));
    int begin = source.indexOf("    // README begin");
    int end = source.indexOf("    // README end");
    String snippet =
        source.subList(begin + 1, end).stream()
            .map(line -> line.substring(4))
            .collect(Collectors.joining("\n"));
    assertTrue(readme.contains(snippet), "the README has another example than this:\n" + snippet);
  }
}
