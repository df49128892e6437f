package io.acclimate.actors;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigFactory;
import io.acclimate.actors.cluster.Nodes;
import io.acclimate.actors.learn.LearnerSettings;
import io.acclimate.actors.metrics.MetricsSettings;
import io.acclimate.actors.metrics.RuntimeMeter;
import io.acclimate.actors.metrics.RuntimeMetrics;
import io.acclimate.bank.AdapterRef;
import io.acclimate.bank.serving.ServingSettings;
import io.acclimate.bank.store.AdapterBank;
import io.acclimate.bank.store.BankSettings;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.Device;
import io.acclimate.runtime.FrozenModel;
import io.acclimate.runtime.ModelOptions;
import io.acclimate.runtime.Tensor;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AdapterServingTest {
  private static final int CLASSES = 3;
  private static final ModelOptions OPTIONS = new ModelOptions(Device.CPU, 1);

  @TempDir Path folder;
  private final MeterRegistry registry = new SimpleMeterRegistry();
  private TinyAdapters adapters;

  @BeforeEach
  void createBank() {
    adapters = TinyAdapters.create(folder.resolve("bank"));
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
    try (FrozenModel model = Nodes.model(folder);
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

  private double servedVersion() {
    String name = RuntimeMeter.ADAPTER_VERSION.meterName();
    return registry.get(name).tag("stream", "s").gauge().value();
  }

  @Test
  void whatIsPublishedServesFromTheNextBatchOn() throws IOException {
    try (FrozenModel model = Nodes.model(folder);
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
    try (FrozenModel model = Nodes.model(folder);
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
    try (FrozenModel model = Nodes.model(folder);
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

  private static String refusal(AdaptiveStream stream) {
    CompletionException error =
        assertThrows(
            CompletionException.class,
            () -> join(stream.serveWith(new AdapterChoice.Latest("one"))));
    return assertInstanceOf(AcclimateException.class, error.getCause()).getMessage();
  }

  @Test
  void withoutABankThereAreNoAdapters() throws IOException {
    try (FrozenModel model = Nodes.model(folder);
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
    try (FrozenModel model = Nodes.model(folder)) {
      AdaptiveRuntime runtime = start(model);
      runtime.close();
      LearnerSettings learning = LearnerSettings.defaults();
      assertThrows(IllegalStateException.class, () -> runtime.startLearner(learning, folder));
    }
  }
}
