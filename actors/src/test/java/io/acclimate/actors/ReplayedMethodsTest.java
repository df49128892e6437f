package io.acclimate.actors;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigFactory;
import io.acclimate.replay.journal.JournalSettings;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.FrozenModel;
import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.Tensor;
import java.nio.file.Path;
import java.util.Map;
import org.apache.commons.rng.UniformRandomProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The records of a stream give the state that it had, whatever is recorded of its inputs. */
class ReplayedMethodsTest {
  private static final Path MODELS = Path.of("../examples/models");

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "auto, features",
    "auto, input",
    "lame, features",
    "t3a, input",
    "label-shift-em, input",
    "tent, input"
  })
  void recordsGiveTheState(String method, String payload) {
    RuntimeSettings settings =
        RuntimeSettings.of(
            ConfigFactory.parseMap(
                Map.of(
                    "source-statistics",
                    MODELS.resolve("fashion-vit.source.safetensors").toString())));
    JournalSettings each =
        JournalSettings.of(ConfigFactory.parseString("snapshot-batches = 1, payload = " + payload));
    Path place = folder.resolve("journal");
    try (FrozenModel model = FrozenModel.open(MODELS.resolve("fashion-vit.onnx"))) {
      RuntimeJournal journal = RuntimeJournal.open(place, each, model, settings);
      try (AdaptiveRuntime runtime = AdaptiveRuntime.start(model, settings, journal)) {
        AdaptiveStream stream = runtime.stream("a", method);
        for (int i = 0; i < 4; i++) {
          stream.adapt(images(i, i % 2 == 0 ? 1 : 4)).toCompletableFuture().join();
        }
      }
      RuntimeJournal again = RuntimeJournal.open(place, each, model, settings);
      RuntimeJournal.Replayed replayed = RuntimeJournal.rederive(again.view(), model, settings);
      assertEquals(again.recovery().stateHash(), replayed.report().stateHash());
      again.abandon();
    }
  }

  /** Else a process that is killed could not be started again. */
  @Test
  void whatCannotBeReplayedIsRefusedAtTheDoor() {
    RuntimeSettings settings = RuntimeSettings.defaults();
    try (FrozenModel model = FrozenModel.open(MODELS.resolve("fashion-vit.onnx"))) {
      RuntimeJournal journal =
          RuntimeJournal.open(
              folder.resolve("journal"), JournalSettings.defaults(), model, settings);
      try (AdaptiveRuntime runtime = AdaptiveRuntime.start(model, settings, journal)) {
        AcclimateException refused =
            assertThrows(AcclimateException.class, () -> runtime.stream("a", "tent"));
        assertTrue(
            refused.getMessage().contains("expected journal-settings.payload = input"),
            refused.getMessage());
      }
    }
  }

  private static Tensor images(int seed, int size) {
    UniformRandomProvider random = SeedTree.of(seed).generator();
    float[] values = new float[size * 28 * 28];
    for (int k = 0; k < values.length; k++) {
      values[k] = random.nextFloat();
    }
    return Tensor.ofFloats(values, size, 1, 28, 28);
  }
}
