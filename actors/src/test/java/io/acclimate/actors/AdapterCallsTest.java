package io.acclimate.actors;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.acclimate.actors.cluster.Nodes;
import io.acclimate.bank.AdapterRef;
import io.acclimate.bank.serving.MixedModel;
import io.acclimate.bank.serving.ServingSettings;
import io.acclimate.bank.store.AdapterBank;
import io.acclimate.bank.store.BankSettings;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.FrozenModel;
import io.acclimate.runtime.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How choices become adapters, and several adapters one call of the model. */
class AdapterCallsTest {
  private static final int CLASSES = 3;

  @TempDir Path folder;
  private TinyAdapters adapters;

  @BeforeEach
  void createBank() {
    adapters = TinyAdapters.create(folder.resolve("bank"));
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

  /** A file that cannot be read for a while: the adapter serves when it can be read again. */
  @Test
  void anAdapterThatCouldNotBeReadIsLookedForAgain() throws IOException {
    try (FrozenModel model = Nodes.model(folder)) {
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
    try (FrozenModel model = Nodes.model(folder)) {
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
}
