package io.acclimate.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigFactory;
import io.acclimate.actors.AdapterChoice;
import io.acclimate.actors.AdapterServing;
import io.acclimate.actors.AdaptiveRuntime;
import io.acclimate.actors.AdaptiveStream;
import io.acclimate.actors.Prediction;
import io.acclimate.actors.RuntimeSettings;
import io.acclimate.actors.learn.BackgroundLearner;
import io.acclimate.actors.learn.LearnerSettings;
import io.acclimate.bank.serving.ServingSettings;
import io.acclimate.bank.store.AdapterBank;
import io.acclimate.bank.store.BankSettings;
import io.acclimate.runtime.FrozenModel;
import io.acclimate.runtime.Tensor;
import io.acclimate.tests.support.Project;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The embedding examples of the documents compile, run, and are those that stand there. */
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

  /** Started again in the same folders it goes on. */
  @Test
  void learningExampleRunsAndRunsAgain(@TempDir Path folder) throws Exception {
    for (int life = 0; life < 2; life++) {
      try (FrozenModel model = FrozenModel.open(Project.example("models/fashion-vit.onnx"))) {
        Prediction prediction = learn(model, folder, Tensor.ofFloats(new float[784], 1, 1, 28, 28));
        assertEquals("frozen", prediction.method());
        assertTrue(prediction.adapter().isEmpty());
      }
    }
  }

  private static Prediction learn(FrozenModel model, Path folder, Tensor batch) {
    int[] labels = {9};
    Prediction answered;
    // learning.md begin
    // io.acclimate.actors.*, .actors.learn.*, .bank.store.*, .bank.serving.*, com.typesafe.config.*
    AdapterBank bank = AdapterBank.openOrCreate(folder.resolve("bank"), BankSettings.defaults());
    ServingSettings places = ServingSettings.of(ConfigFactory.parseString("head.classes = 10"));
    try (AdaptiveRuntime runtime =
        AdaptiveRuntime.start(
            model,
            RuntimeSettings.defaults(),
            Optional.empty(),
            new AdapterServing(bank, places))) {
      BackgroundLearner learner =
          runtime.startLearner(LearnerSettings.defaults(), folder.resolve("learner"));

      AdaptiveStream stream = runtime.stream("camera-7", "frozen");
      stream.serveWith(new AdapterChoice.Latest("learned"));

      Prediction prediction = stream.predict(batch).toCompletableFuture().join();
      prediction.adapter(); // adapter and bank version, or empty
      stream.feedback(prediction.predictionId(), labels); // is learned
      learner.endTask("monday"); // what came in is one task
      // learning.md end
      answered = prediction;
    }
    return answered;
  }

  @Test
  void examplesStandInTheDocuments() throws Exception {
    assertStandsIn("README.md", "README");
    assertStandsIn("docs/learning.md", "learning.md");
  }

  private static void assertStandsIn(String document, String mark) throws Exception {
    String text = Files.readString(Project.root().resolve(document));
    List<String> source =
        Files.readAllLines(
            Project.root()
                .resolve("tests/src/test/java/io/acclimate/tests/ReadmeExampleTest.java"));
    List<String> marks = source.stream().map(String::strip).toList();
    int begin = marks.indexOf("// " + mark + " begin");
    int end = marks.indexOf("// " + mark + " end");
    String snippet =
        source.subList(begin + 1, end).stream()
            .map(line -> line.isEmpty() ? line : line.substring(4))
            .collect(Collectors.joining("\n"));
    assertTrue(text.contains(snippet), document + " has another example than this:\n" + snippet);
  }
}
