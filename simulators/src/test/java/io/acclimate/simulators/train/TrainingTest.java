package io.acclimate.simulators.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.acclimate.bank.store.AdapterFiles;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.ContentHash;
import io.acclimate.runtime.graph.OnnxFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Small trainings on the first hundreds of real images. */
class TrainingTest {
  private static final Path EXAMPLES = Path.of("../examples").toAbsolutePath().normalize();
  private static final Path IMAGES = EXAMPLES.resolve("data/fashion-mnist");

  @TempDir Path folder;

  private Path write(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }

  private String data(String key) {
    return """
        %s {
          format = idx
          path = "%s/t10k-images-idx3-ubyte.gz"
          labels = "%s/t10k-labels-idx1-ubyte.gz"
        }
        """
        .formatted(key, IMAGES, IMAGES);
  }

  private TrainingScenario source(String... overrides) throws IOException {
    Path file =
        write(
            "source.conf",
            data("data")
                + data("evaluation")
                + """
                network { stem = [4, 8], width = 8, blocks = 1, heads = 2, hidden = 8 }
                recipe { epochs = 1, batch-size = 100, rate = 0.01, average-keep = 0 }
                threads = 1
                output = model.onnx
                """);
    TrainingScenarioLoader.Task task = TrainingScenarioLoader.load(file, List.of(overrides));
    return assertInstanceOf(TrainingScenarioLoader.Source.class, task).scenario();
  }

  /** One pass over ten thousand images is no training, but far better than chance. */
  @Test
  void aNetworkLearnsAndEqualSeedsGiveEqualBytes() throws IOException {
    SourceTraining.Result one = new SourceTraining(source(), progress -> {}).run();
    SourceTraining.Result two = new SourceTraining(source(), progress -> {}).run();
    SourceTraining.Result other = new SourceTraining(source("seed=2"), progress -> {}).run();
    assertTrue(one.accuracy() > 0.4, "accuracy " + one.accuracy());
    assertArrayEquals(OnnxFormat.toBytes(one.model()), OnnxFormat.toBytes(two.model()));
    assertTrue(one.loss() != other.loss());
    assertEquals(List.of("logits", "features", "tokens"), one.model().outputs());
    assertEquals("[batch, 49, 8]", one.model().type("tokens").shape().toString());
  }

  @Test
  void anAdapterIsTrainedMeasuredAndWrittenWithItsCard() throws IOException {
    Path file =
        write(
            "adapter.conf",
            """
            model { path = "%s", features = features, threads = 1 }
            %s
            modules.norm {}
            held-out = 0.98
            recipe { epochs = 3, batch-size = 50 }
            output = adapter.safetensors
            """
                .formatted(EXAMPLES.resolve("models/fashion-vit.onnx"), data("data")));
    TrainingScenarioLoader.Task task = TrainingScenarioLoader.load(file, List.of());
    AdapterScenario scenario =
        assertInstanceOf(TrainingScenarioLoader.Modules.class, task).scenario();
    AdapterTraining.Result result = new AdapterTraining(scenario, progress -> {}).run();
    assertTrue(result.accuracy() > 0.8, "accuracy " + result.accuracy());
    assertTrue(result.linearHead() > 0.8, "linear head " + result.linearHead());
    AdapterFiles.write(result.adapter(), scenario.output());
    assertEquals(
        ContentHash.sha256(Files.readAllBytes(EXAMPLES.resolve("models/fashion-vit.onnx"))),
        AdapterFiles.read(scenario.output()).card().modelSha256());
  }

  @Test
  void allMistakesAreReportedAtOnce() throws IOException {
    Path file =
        write(
            "bad.conf",
            """
            model { path = nowhere.onnx, poolin = mean }
            data { format = text, path = nowhere.csv }
            modules { lor {}, lora { rank = -1 } }
            output = adapter.onnx
            """);
    String message =
        assertThrows(AcclimateException.class, () -> TrainingScenarioLoader.load(file, List.of()))
            .getMessage();
    for (String words :
        List.of(
            "nowhere.onnx",
            "model.poolin",
            "nowhere.csv",
            "model.tokenizer",
            "modules.lor",
            "modules.lora.rank",
            "output")) {
      assertTrue(message.contains(words), words + " in: " + message);
    }
  }
}
