package io.acclimate.actors;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigFactory;
import io.acclimate.actors.learn.BackgroundLearner;
import io.acclimate.actors.learn.LearnerEvent;
import io.acclimate.actors.learn.LearnerSettings;
import io.acclimate.actors.learn.TaskDecision;
import io.acclimate.actors.metrics.MetricsSettings;
import io.acclimate.actors.metrics.RuntimeMeter;
import io.acclimate.actors.metrics.RuntimeMetrics;
import io.acclimate.bank.AdapterRef;
import io.acclimate.bank.serving.ServingSettings;
import io.acclimate.bank.store.AdapterBank;
import io.acclimate.bank.store.BankSettings;
import io.acclimate.replay.codec.JournalRecord;
import io.acclimate.replay.event.AdapterPublished;
import io.acclimate.replay.event.Predicted;
import io.acclimate.replay.journal.JournalReader;
import io.acclimate.replay.journal.JournalSettings;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.Device;
import io.acclimate.runtime.FrozenModel;
import io.acclimate.runtime.ModelOptions;
import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.Tensor;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.commons.rng.UniformRandomProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is learned in the background serves the streams that ask for it. */
class LearnedAdapterTest {
  private static final ModelOptions OPTIONS = new ModelOptions(Device.CPU, 1);
  private static final int PIXELS = 28 * 28;

  @TempDir Path folder;
  private final MeterRegistry registry = new SimpleMeterRegistry();

  private AdapterServing serving() {
    return new AdapterServing(
        AdapterBank.create(folder.resolve("bank"), BankSettings.defaults()),
        ServingSettings.of(ConfigFactory.parseString("lora { rank = 2 }, head.classes = 10")));
  }

  private static Tensor image(int label, UniformRandomProvider noise) {
    Tensor image = Tensor.allocate(DType.FLOAT32, 1, 1, 28, 28);
    UniformRandomProvider pattern = SeedTree.of(9).child(label).generator();
    for (int i = 0; i < PIXELS; i++) {
      image.floats().put(i, (float) (pattern.nextDouble() + 0.1 * noise.nextDouble()));
    }
    return image;
  }

  /** Labels that come in for predictions become an adapter that serves the stream. */
  @Test
  void feedbackIsLearnedAndServes() {
    Path file = Path.of("../examples/models/fashion-vit.onnx");
    try (FrozenModel model = FrozenModel.open(file, OPTIONS)) {
      try (AdaptiveRuntime runtime =
          AdaptiveRuntime.start(
              model, RuntimeSettings.defaults(), Optional.of(journal(model)), serving())) {
        learnAndServe(runtime);
      }
      List<String> recorded = new ArrayList<>();
      RuntimeJournal journal = journal(model);
      try (JournalReader reader = journal.view().reader(0)) {
        for (Optional<JournalRecord> record = reader.next();
            record.isPresent();
            record = reader.next()) {
          if (record.get().event() instanceof AdapterPublished published) {
            recorded.add(published.adapter() + " of " + published.task());
          } else if (record.get().event() instanceof Predicted predicted) {
            recorded.add(predicted.adapter());
          }
        }
      }
      journal.abandon();
      assertTrue(recorded.contains("learned of "), recorded.toString());
      assertEquals("", recorded.get(0));
      assertEquals("learned@1", recorded.get(recorded.size() - 1));
    }
  }

  private RuntimeJournal journal(FrozenModel model) {
    return RuntimeJournal.open(
        folder.resolve("journal"), JournalSettings.defaults(), model, RuntimeSettings.defaults());
  }

  private static <T> T join(CompletionStage<T> stage) {
    return stage.toCompletableFuture().join();
  }

  private void learnAndServe(AdaptiveRuntime runtime) {
    LearnerSettings learning =
        LearnerSettings.of(
            ConfigFactory.parseString(
                "task-samples = 24, held-out-every = 4, batch-size = 6, cpu-share = 1"
                    + ", settings { modules { lora { rank = 2 } }, epochs = 4, rate = 0.02 }"));
    CompletableFuture<TaskDecision> decided = new CompletableFuture<>();
    RuntimeMetrics.of(runtime, registry, MetricsSettings.defaults());
    runtime.addListener(
        new LearnerWatch<>(LearnerEvent.Decided.class, one -> decided.complete(one.decision())));
    BackgroundLearner learner = runtime.startLearner(learning, folder.resolve("learner"));
    AdaptiveStream stream = runtime.stream("s", "frozen");
    stream.serveWith(new AdapterChoice.Latest("learned"));
    UniformRandomProvider noise = SeedTree.of(1).generator();
    for (int i = 0; i < 24; i++) {
      Prediction prediction = join(stream.predict(image(i % 2, noise)));
      assertEquals(Optional.empty(), prediction.adapter());
      join(stream.feedback(prediction.predictionId(), new int[] {i % 2}));
    }
    TaskDecision decision = decided.join();
    assertEquals(TaskDecision.Verdict.PROMOTED, decision.verdict(), decision.reason());
    assertEquals(1, registry.get(RuntimeMeter.LEARNER_DECISIONS.meterName()).counter().count());
    assertEquals(4 * 3, registry.get(RuntimeMeter.LEARNER_STEPS.meterName()).counter().count());
    for (int label = 0; label < 2; label++) {
      Prediction prediction = join(stream.predict(image(label, noise)));
      assertEquals(label, prediction.labels()[0]);
      assertEquals(new AdapterRef("learned", 1), prediction.adapter().orElseThrow().ref());
      assertEquals(0, prediction.probabilities()[9], "a class that the head has not");
    }
    assertEquals(Optional.of(new AdapterRef("learned", 1)), join(learner.status()).served());
  }
}
