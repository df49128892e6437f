package io.acclimate.actors;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
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
import io.acclimate.bank.serving.MixedModel;
import io.acclimate.bank.serving.ServingSettings;
import io.acclimate.bank.store.AdapterBank;
import io.acclimate.bank.store.BankSettings;
import io.acclimate.replay.codec.JournalRecord;
import io.acclimate.replay.event.AdapterPublished;
import io.acclimate.replay.event.Predicted;
import io.acclimate.replay.journal.JournalReader;
import io.acclimate.replay.journal.JournalSettings;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.Device;
import io.acclimate.runtime.FrozenModel;
import io.acclimate.runtime.ModelOptions;
import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.testing.TinyModels;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;
import org.apache.commons.rng.UniformRandomProvider;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AdapterServingTest {
  private static final int CLASSES = 3;
  private static final ModelOptions OPTIONS = new ModelOptions(Device.CPU, 1);
  private static final int PIXELS = 28 * 28;

  @TempDir Path folder;
  private final MeterRegistry registry = new SimpleMeterRegistry();
  private TinyAdapters adapters;

  @BeforeEach
  void createBank() {
    adapters = TinyAdapters.create(folder.resolve("bank"));
  }

  private FrozenModel model() throws IOException {
    Path file = folder.resolve("model.onnx");
    TinyModels.linear(file, CLASSES, CLASSES, TinyModels.identity(CLASSES));
    return FrozenModel.open(file, OPTIONS);
  }

  private AdapterServing serving(String settings) {
    return new AdapterServing(
        adapters.bank(), ServingSettings.of(ConfigFactory.parseString(settings)));
  }

  private AdaptiveRuntime start(FrozenModel model) {
    return AdaptiveRuntime.start(
        model, RuntimeSettings.defaults(), Optional.empty(), adapters.serving());
  }

  private static Tensor batch() {
    return Tensor.ofFloats(new float[] {1, 0, 0, 0, 2, 0}, 2, CLASSES);
  }

  private static <T> T join(CompletionStage<T> stage) {
    return stage.toCompletableFuture().join();
  }

  @Test
  void everyStreamIsServedWithItsOwnAdapter() throws IOException {
    try (FrozenModel model = model();
        AdaptiveRuntime runtime = start(model)) {
      adapters.publish("one", model.sha256(), 1);
      adapters.publish("two", model.sha256(), 2);
      AdaptiveStream frozen = runtime.stream("frozen", "frozen");
      AdaptiveStream one = runtime.stream("one", "frozen");
      AdaptiveStream two = runtime.stream("two", "frozen");
      AdaptiveStream task = runtime.stream("task", "frozen");
      one.serveWith(new AdapterChoice.Latest("one"));
      two.serveWith(new AdapterChoice.Exactly(new AdapterRef("two", 2)));
      task.serveWith(new AdapterChoice.LatestOfTask("task-of-two"));
      List<CompletionStage<Prediction>> answers = new ArrayList<>();
      for (AdaptiveStream stream : List.of(frozen, one, two, task)) {
        answers.add(stream.predict(batch()));
      }
      assertArrayEquals(new int[] {0, 1}, join(answers.get(0)).labels());
      assertArrayEquals(new int[] {1, 1}, join(answers.get(1)).labels());
      assertArrayEquals(new int[] {2, 2}, join(answers.get(2)).labels());
      assertArrayEquals(new int[] {2, 2}, join(answers.get(3)).labels());
      assertEquals(Optional.empty(), join(answers.get(0)).adapter());
      assertEquals(
          Optional.of(new ServedAdapter(new AdapterRef("one", 1), 2)),
          join(answers.get(1)).adapter());
      assertEquals(model.sha256(), join(answers.get(1)).modelSha256());
      one.serveWith(AdapterChoice.FROZEN);
      Prediction again = join(one.predict(batch()));
      assertArrayEquals(join(answers.get(0)).probabilities(), again.probabilities());
    }
  }

  @Test
  void choicesAreTexts() {
    for (String text : List.of("frozen", "night", "night@3", "task:Rain at dusk")) {
      assertEquals(text, AdapterChoice.parse(text).text());
    }
    assertEquals(AdapterChoice.FROZEN, AdapterChoice.parse("frozen"));
    assertEquals(
        new AdapterChoice.Exactly(new AdapterRef("night", 3)), AdapterChoice.parse("night@3"));
    for (String text : List.of("", "Night", "night@", "@3", "../night")) {
      assertThrows(AcclimateException.class, () -> AdapterChoice.parse(text), text);
    }
  }

  private double servedVersion() {
    String name = RuntimeMeter.ADAPTER_VERSION.meterName();
    return registry.get(name).tag("stream", "s").gauge().value();
  }

  @Test
  void whatIsPublishedServesFromTheNextBatchOn() throws IOException {
    try (FrozenModel model = model();
        AdaptiveRuntime runtime = start(model)) {
      RuntimeMetrics.of(runtime, registry, MetricsSettings.defaults());
      AdaptiveStream stream = runtime.stream("s", "frozen");
      stream.serveWith(new AdapterChoice.Latest("one"));
      assertEquals(Optional.empty(), join(stream.predict(batch())).adapter());
      adapters.publish("one", model.sha256(), 1);
      assertArrayEquals(new int[] {1, 1}, join(stream.predict(batch())).labels());
      adapters.publish("one", model.sha256(), 2);
      Prediction second = join(stream.predict(batch()));
      assertArrayEquals(new int[] {2, 2}, second.labels());
      assertEquals(Optional.of(new ServedAdapter(new AdapterRef("one", 2), 2)), second.adapter());
      join(stream.snapshot()); // listeners hear of a batch after its answer
      assertEquals(2, servedVersion());
      adapters.bank().rollback(1);
      assertArrayEquals(new int[] {1, 1}, join(stream.predict(batch())).labels());
      join(stream.snapshot());
      assertEquals(1, servedVersion());
      stream.serveWith(AdapterChoice.FROZEN);
      join(stream.predict(batch()));
      join(stream.snapshot());
      assertEquals(0, servedVersion());
    }
  }

  /** As by {@code acclimate bank} while the runtime runs. */
  @Test
  void whatAnotherProcessDoesToTheBankServesFromTheNextBatchOn() throws IOException {
    try (FrozenModel model = model();
        AdaptiveRuntime runtime = start(model)) {
      AdapterBank other = AdapterBank.open(folder.resolve("bank"), BankSettings.defaults());
      AdaptiveStream stream = runtime.stream("s", "frozen");
      stream.serveWith(new AdapterChoice.Latest("one"));
      assertEquals(Optional.empty(), join(stream.predict(batch())).adapter());
      new TinyAdapters(other).publish("one", model.sha256(), 1);
      assertArrayEquals(new int[] {1, 1}, join(stream.predict(batch())).labels());
      other.rollback(0);
      assertEquals(Optional.empty(), join(stream.predict(batch())).adapter());
      Path head = folder.resolve("bank/HEAD");
      byte[] good = Files.readAllBytes(head);
      Files.write(head, new byte[] {1, 2, 3});
      assertEquals(Optional.empty(), join(stream.predict(batch())).fallback());
      Files.write(head, good);
      other.rollback(1);
      assertArrayEquals(new int[] {1, 1}, join(stream.predict(batch())).labels());
    }
  }

  /** An adapter that cannot be served is answered with the frozen model and the reason. */
  @Test
  void adaptersThatCannotBeServedAreNamed() throws IOException {
    try (FrozenModel model = model();
        AdaptiveRuntime runtime = start(model)) {
      adapters.publish("foreign", "00", 1);
      adapters.publish("good", model.sha256(), 1);
      AdaptiveStream foreign = runtime.stream("foreign", "frozen");
      AdaptiveStream good = runtime.stream("good", "frozen");
      foreign.serveWith(new AdapterChoice.Latest("foreign"));
      good.serveWith(new AdapterChoice.Latest("good"));
      Prediction refused = join(foreign.predict(batch()));
      assertArrayEquals(new int[] {0, 1}, refused.labels());
      assertEquals(Optional.empty(), refused.adapter());
      assertTrue(refused.fallback().orElse("").contains("SHA-256"), refused.toString());
      assertEquals(1, foreign.stats().counts().fallbacks());
      assertArrayEquals(new int[] {1, 1}, join(good.predict(batch())).labels());
      foreign.serveWith(new AdapterChoice.Exactly(new AdapterRef("none", 7)));
      assertTrue(join(foreign.predict(batch())).fallback().isPresent());
    }
  }

  /** A file that cannot be read for a while: the adapter serves when it can be read again. */
  @Test
  void anAdapterThatCouldNotBeReadIsLookedForAgain() throws IOException {
    try (FrozenModel model = model()) {
      adapters.publish("one", model.sha256(), 1);
      Path file = tensorsFile();
      byte[] good = Files.readAllBytes(file);
      Files.write(file, new byte[] {1, 2, 3});
      AdapterBank opened = AdapterBank.open(folder.resolve("bank"), BankSettings.defaults());
      ServingSettings settings = TinyAdapters.places();
      try (MixedModel mixed = MixedModel.open(model, settings, List.of("logits"))) {
        AdapterResolver resolver = new AdapterResolver(opened, mixed, CLASSES);
        AdapterChoice one = new AdapterChoice.Latest("one");
        assertTrue(resolver.resolve(one).problem().isPresent());
        Files.write(file, good);
        for (int call = 0; call < AdapterResolver.FIRST_RETRY; call++) {
          assertTrue(resolver.resolve(one).problem().isPresent(), "call " + call);
        }
        assertEquals(Optional.empty(), resolver.resolve(one).problem());
        assertEquals("one@1", resolver.resolve(one).served().orElseThrow().ref().toString());
      }
    }
  }

  private Path tensorsFile() throws IOException {
    try (Stream<Path> files = Files.walk(folder.resolve("bank"))) {
      return files.filter(one -> one.toString().endsWith(".safetensors")).findFirst().orElseThrow();
    }
  }

  private static ModelServer.Infer request(AdapterChoice adapter) {
    Tensor input = Tensor.ofFloats(new float[] {1, 0, 0}, 1, CLASSES);
    return new ModelServer.Infer(new Request(0, input, null, false, adapter, 0, null), null);
  }

  private static int argmax(ModelOutput output) {
    int best = 0;
    for (int label = 1; label < CLASSES; label++) {
      best = output.logits()[label] > output.logits()[best] ? label : best;
    }
    return best;
  }

  /** One call of the model, a row for each of two adapters and one whose adapter is not there. */
  @Test
  void oneCallServesSeveralAdapters() throws IOException {
    try (FrozenModel model = model()) {
      adapters.publish("one", model.sha256(), 1);
      adapters.publish("two", model.sha256(), 2);
      ServedModel served = new ServedModel(model, RuntimeSettings.defaults());
      AdapterServing serving = adapters.serving();
      try (MicroBatches batches = new MicroBatches(served, 8, Optional.of(serving))) {
        List<ModelServer.Infer> requests =
            List.of(
                request(new AdapterChoice.Latest("two")),
                request(new AdapterChoice.Latest("none")),
                request(new AdapterChoice.Latest("one")));
        assertTrue(batches.room(requests.get(0).request()) >= requests.size());
        MicroBatches.Called call = batches.run(requests);
        assertEquals(4, call.rows());
        assertEquals(2, argmax(call.outputs()[0]));
        assertEquals(0, argmax(call.outputs()[1]));
        assertEquals(1, argmax(call.outputs()[2]));
        assertEquals("two@2", call.outputs()[0].served().orElseThrow().ref().toString());
        assertEquals(Optional.empty(), call.outputs()[1].served());
      }
    }
  }

  /** No more adapters than slots come into a call, and what is frozen has calls of its own. */
  @Test
  void requestsAreGroupedByWhatTheyAreServedWith() {
    WaitingRequests waiting = new WaitingRequests();
    List<AdapterChoice> choices =
        List.of(
            new AdapterChoice.Latest("a"),
            new AdapterChoice.Latest("b"),
            new AdapterChoice.Latest("a"),
            new AdapterChoice.Latest("c"),
            AdapterChoice.FROZEN,
            AdapterChoice.FROZEN);
    for (int k = 0; k < choices.size(); k++) {
      waiting.add(k, request(choices.get(k)));
    }
    assertEquals(3, waiting.take(8, 2).size());
    assertEquals(1, waiting.take(8, 2).size());
    assertEquals(2, waiting.take(8, 2).size());
  }

  private static String refusal(AdaptiveStream stream) {
    CompletionException error =
        assertThrows(
            CompletionException.class,
            () -> join(stream.serveWith(new AdapterChoice.Latest("one"))));
    return assertInstanceOf(AcclimateException.class, error.getCause()).getMessage();
  }

  @Test
  void withoutABankThereAreNoAdapters() throws IOException {
    try (FrozenModel model = model();
        AdaptiveRuntime runtime = AdaptiveRuntime.start(model)) {
      AdaptiveStream stream = runtime.stream("s", "frozen");
      assertTrue(refusal(stream).contains("without a bank"), refusal(stream));
      LearnerSettings learning = LearnerSettings.defaults();
      assertThrows(AcclimateException.class, () -> runtime.startLearner(learning, folder));
    }
  }

  @Test
  void aMethodThatRunsTheModelItselfIsServedWithTheFrozenModelOnly() {
    Path file = Path.of("../examples/models/fashion-vit.onnx");
    try (FrozenModel model = FrozenModel.open(file, OPTIONS);
        AdaptiveRuntime runtime =
            AdaptiveRuntime.start(
                model,
                RuntimeSettings.defaults(),
                Optional.empty(),
                serving("lora { rank = 2 }, head.classes = 10"))) {
      List<AdaptiveStream> streams =
          List.of(
              runtime.stream("backwards", "tent"),
              runtime.stream(
                  "forwards", "blackvip", ConfigFactory.parseString("feature-weight = 0")));
      for (AdaptiveStream stream : streams) {
        assertTrue(refusal(stream).contains("runs the frozen model itself"), refusal(stream));
      }
    }
  }

  @Test
  void aClosedRuntimeStartsNoLearner() throws IOException {
    try (FrozenModel model = model()) {
      AdaptiveRuntime runtime = start(model);
      runtime.close();
      LearnerSettings learning = LearnerSettings.defaults();
      assertThrows(IllegalStateException.class, () -> runtime.startLearner(learning, folder));
    }
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
              model,
              RuntimeSettings.defaults(),
              Optional.of(journal(model)),
              serving("lora { rank = 2 }, head.classes = 10"))) {
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

  private void learnAndServe(AdaptiveRuntime runtime) {
    LearnerSettings learning =
        LearnerSettings.of(
            ConfigFactory.parseString(
                "task-samples = 24, held-out-every = 4, batch-size = 6, cpu-share = 1"
                    + ", settings { modules { lora { rank = 2 } }, epochs = 4, rate = 0.02 }"));
    CompletableFuture<TaskDecision> decided = new CompletableFuture<>();
    RuntimeMetrics.of(runtime, registry, MetricsSettings.defaults());
    runtime.addListener(
        new RuntimeListener() {
          @Override
          public void learner(LearnerEvent event) {
            if (event instanceof LearnerEvent.Decided one) {
              decided.complete(one.decision());
            }
          }
        });
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
