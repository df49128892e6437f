package io.acclimate.actors;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.typesafe.config.ConfigFactory;
import io.acclimate.actors.learn.LearnerEvent;
import io.acclimate.actors.learn.LearnerSettings;
import io.acclimate.bank.serving.ServingSettings;
import io.acclimate.bank.store.AdapterBank;
import io.acclimate.bank.store.BankSettings;
import io.acclimate.runtime.Device;
import io.acclimate.runtime.FrozenModel;
import io.acclimate.runtime.ModelOptions;
import io.acclimate.runtime.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is said to who sends labels, where a learner in the background learns from them. */
class LearnedFeedbackTest {
  private static final int PIXELS = 28 * 28;

  @TempDir Path folder;
  private FrozenModel model;
  private AdaptiveRuntime runtime;
  private AdaptiveStream stream;

  @BeforeEach
  void start() {
    Path file = Path.of("../examples/models/fashion-vit.onnx");
    model = FrozenModel.open(file, new ModelOptions(Device.CPU, 1));
    ServingSettings places =
        ServingSettings.of(ConfigFactory.parseString("lora { rank = 1 }, head.classes = 10"));
    AdapterBank bank = AdapterBank.create(folder.resolve("bank"), BankSettings.defaults());
    runtime =
        AdaptiveRuntime.start(
            model, RuntimeSettings.defaults(), Optional.empty(), new AdapterServing(bank, places));
    stream = runtime.stream("s", "frozen");
  }

  @AfterEach
  void stop() {
    runtime.close();
    model.close();
  }

  private void learn(String more) {
    runtime.startLearner(
        LearnerSettings.of(
            ConfigFactory.parseString(
                "cpu-share = 1, task-samples = 4, held-out-every = 2"
                    + ", settings { modules { lora { rank = 1 } } }, "
                    + more)),
        folder.resolve("learner"));
  }

  private CompletionStage<FeedbackOutcome> labelled() {
    return stream.feedback(join(stream.predict(batch())).predictionId(), new int[] {0, 1});
  }

  private static Tensor batch() {
    float[] pixels = new float[2 * PIXELS];
    Arrays.fill(pixels, PIXELS, 2 * PIXELS, 1);
    return Tensor.ofFloats(pixels, 2, 1, 28, 28);
  }

  private static <T> T join(CompletionStage<T> stage) {
    return stage.toCompletableFuture().join();
  }

  private long samplesOnDisk() throws IOException {
    try (Stream<Path> files = Files.walk(folder.resolve("learner/tasks"))) {
      return files.filter(file -> file.toString().endsWith(".safetensors")).count();
    }
  }

  /** A process that is killed right after the acknowledgement has the samples. */
  @Test
  void labelsAreAcknowledgedWhenTheLearnerHasThem() throws Exception {
    CountDownLatch working = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    runtime.addListener(
        new LearnerWatch<>(
            LearnerEvent.Step.class,
            step -> {
              working.countDown();
              TroubleProvider.await(goOn);
            }));
    learn("");
    assertEquals(FeedbackOutcome.ACCEPTED, join(labelled()));
    assertEquals(FeedbackOutcome.ACCEPTED, join(labelled()));
    TroubleProvider.await(working);
    assertEquals(2, samplesOnDisk());
    CompletionStage<FeedbackOutcome> third = labelled();
    join(stream.snapshot());
    assertFalse(third.toCompletableFuture().isDone(), "the learner is busy");
    goOn.countDown();
    assertEquals(FeedbackOutcome.ACCEPTED, join(third));
  }

  @Test
  void labelsThatTheLearnerDoesNotTakeAreNamed() {
    learn("most-samples = 1");
    assertEquals(FeedbackOutcome.NOT_LEARNED, join(labelled()));
    assertEquals(1, stream.stats().feedback().accepted(), "it counts for the accuracy");
  }

  @Test
  void labelsWhoseInputsAreNotKeptAreNamed() {
    learn("feedback-samples = 1");
    assertEquals(FeedbackOutcome.NOT_LEARNED, join(labelled()));
  }

  /** The folder of the learner fails while it learns: nobody waits until it is opened again. */
  @Test
  void aLearnerThatIsBeingOpenedAnewTakesNothing() throws Exception {
    CountDownLatch broken = new CountDownLatch(1);
    runtime.addListener(
        new LearnerWatch<>(LearnerEvent.Decided.class, decided -> broken.countDown()));
    learn("feedback-samples = 100, settings.epochs = 1");
    assertEquals(FeedbackOutcome.ACCEPTED, join(labelled()));
    Path state = folder.resolve("learner/base.state");
    Files.delete(state);
    Files.createDirectories(state.resolve("in-the-way"));
    assertEquals(FeedbackOutcome.ACCEPTED, join(labelled()));
    FeedbackOutcome last = join(labelled());
    while (last == FeedbackOutcome.ACCEPTED) {
      last = join(labelled());
    }
    assertEquals(FeedbackOutcome.NOT_LEARNED, last);
    assertEquals(1, broken.getCount(), "no task was decided on");
    assertEquals(2, join(stream.predict(batch())).size());
    Files.delete(state.resolve("in-the-way"));
    Files.delete(state);
  }
}
