package io.acclimate.bank.serving;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.acclimate.bank.Adapter;
import io.acclimate.bank.AdapterCard;
import io.acclimate.bank.AdapterRef;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.ModelRunner;
import io.acclimate.runtime.Tensor;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** Mixed batches against the same samples one by one. */
class MixedModelTest {
  /** Float32 sums in another order; logits are of the order of 10. */
  private static final float TOLERANCE = 2e-4f;

  private static final String QV = "rank = 4, alpha = 8";
  private static final String ALL_LINEAR =
      "sites = [linear], rank = 3, alpha = 2, divide-by-rank = false, learnable-scale = true";
  private static final ServedAdapters FIXTURE = new ServedAdapters();

  @AfterAll
  static void close() {
    FIXTURE.model.close();
  }

  private static float[] row(Map<String, Tensor> outputs, int row, int classes) {
    Tensor logits = outputs.get("logits");
    int width = (int) logits.dim(1);
    return Arrays.copyOfRange(logits.toFloatArray(), row * width, row * width + classes);
  }

  private static float[] frozenLogits(Tensor images) {
    try (ModelRunner runner = FIXTURE.model.newRunner(ServedAdapters.OUTPUTS)) {
      return runner.run(images).get("logits").toFloatArray();
    }
  }

  @Test
  void everyRowIsAnsweredWithItsOwnAdapter() {
    Tensor images = ServedAdapters.images(6, 1);
    Adapter a = FIXTURE.adapter("a", QV, 0, 1);
    Adapter b = FIXTURE.adapter("b", "rank = 2, alpha = 5, layers = [-1]", 0, 2);
    Adapter c = FIXTURE.adapter("c", ALL_LINEAR, 0, 3);
    try (MixedModel model = FIXTURE.open("slots = 3, lora { sites = [linear], rank = 4 }")) {
      Adapter[] rows = {a, null, b, c, a, null};
      Map<String, Tensor> outputs = model.run(Map.of("image", images), rows);
      float[] frozen = frozenLogits(images);
      for (int row : new int[] {1, 5}) {
        assertArrayEquals(
            Arrays.copyOfRange(frozen, row * 10, row * 10 + 10), row(outputs, row, 10), TOLERANCE);
      }
      assertArrayEquals(FIXTURE.alone(images, 0, a, QV, 0), row(outputs, 0, 10), TOLERANCE);
      assertArrayEquals(FIXTURE.alone(images, 4, a, QV, 0), row(outputs, 4, 10), TOLERANCE);
      assertArrayEquals(
          FIXTURE.alone(images, 2, b, "rank = 2, alpha = 5, layers = [-1]", 0),
          row(outputs, 2, 10),
          TOLERANCE);
      assertArrayEquals(FIXTURE.alone(images, 3, c, ALL_LINEAR, 0), row(outputs, 3, 10), TOLERANCE);
      assertTrue(
          Math.abs(row(outputs, 0, 10)[0] - frozen[0]) > 0.01, "the adapter changes something");
      assertArrayEquals(new int[] {10, 10, 10, 10, 10, 10}, model.classes());
    }
  }

  /** The same row in another company gives the same bits: nothing leaks between rows. */
  @Test
  void otherRowsDoNotMatter() {
    Tensor images = ServedAdapters.images(3, 4);
    Adapter a = FIXTURE.adapter("a", QV, 0, 1);
    Adapter b = FIXTURE.adapter("b", QV, 0, 2);
    try (MixedModel model = FIXTURE.open("slots = 2, lora { rank = 4 }")) {
      float[] one = row(model.run(Map.of("image", images), new Adapter[] {a, b, null}), 0, 10);
      float[] two = row(model.run(Map.of("image", images), new Adapter[] {a, null, b}), 0, 10);
      assertArrayEquals(one, two);
    }
  }

  @Test
  void headsBringClassesAndLeaveOtherRowsTheirs() {
    Tensor images = ServedAdapters.images(4, 2);
    Adapter twelve = FIXTURE.adapter("twelve", QV, 12, 1);
    Adapter three = FIXTURE.adapter("three", QV, 3, 2);
    Adapter none = FIXTURE.adapter("none", QV, 0, 3);
    try (MixedModel model = FIXTURE.open("lora { rank = 4 }, head.classes = 12")) {
      Adapter[] rows = {twelve, three, none, null};
      Map<String, Tensor> outputs = model.run(Map.of("image", images), rows);
      assertArrayEquals(new int[] {12, 3, 10, 10}, model.classes());
      assertArrayEquals(FIXTURE.alone(images, 0, twelve, QV, 12), row(outputs, 0, 12), TOLERANCE);
      assertArrayEquals(FIXTURE.alone(images, 1, three, QV, 3), row(outputs, 1, 3), TOLERANCE);
      assertArrayEquals(FIXTURE.alone(images, 2, none, QV, 0), row(outputs, 2, 10), TOLERANCE);
      float[] frozen = frozenLogits(images);
      assertArrayEquals(Arrays.copyOfRange(frozen, 30, 40), row(outputs, 3, 10), TOLERANCE);
    }
  }

  @Test
  void theAdapterNotUsedForTheLongestMakesRoom() {
    Tensor images = ServedAdapters.images(2, 3);
    Map<String, Adapter> adapters = new TreeMap<>();
    for (String id : List.of("a", "b", "c")) {
      adapters.put(id, FIXTURE.adapter(id, QV, 0, id.hashCode()));
    }
    try (MixedModel model = FIXTURE.open("slots = 2, lora { rank = 4 }")) {
      long bytes = model.slotBytes();
      Map<String, float[]> first = new LinkedHashMap<>();
      for (String id : List.of("a", "b", "a", "c", "b", "a")) {
        Adapter adapter = adapters.get(id);
        Map<String, Tensor> outputs =
            model.run(Map.of("image", images), new Adapter[] {adapter, null});
        float[] logits = row(outputs, 0, 10);
        assertArrayEquals(first.computeIfAbsent(id, key -> logits), logits);
        assertTrue(model.loaded().size() <= 2);
      }
      assertEquals(5, model.loads());
      assertEquals(Set.of("a", "b"), ids(model));
      assertEquals(bytes, model.slotBytes());
      Adapter[] three = {adapters.get("a"), adapters.get("b"), adapters.get("c")};
      Tensor more = ServedAdapters.images(3, 3);
      assertRefused("at most 2 adapters", () -> model.run(Map.of("image", more), three));
    }
  }

  private static Set<String> ids(MixedModel model) {
    return model.loaded().stream().map(AdapterRef::id).collect(Collectors.toSet());
  }

  private static void assertRefused(String part, Runnable call) {
    AcclimateException e = assertThrows(AcclimateException.class, call::run);
    assertTrue(e.getMessage().contains(part), e.getMessage());
  }

  /** What does not fit is refused with its reason, and the next call works. */
  @Test
  void whatDoesNotFitIsRefused() {
    Tensor images = ServedAdapters.images(1, 3);
    Adapter good = FIXTURE.adapter("good", QV, 0, 1);
    AdapterCard card = good.card();
    Adapter foreign =
        new Adapter(
            AdapterCard.of("foreign", "", "lora", "00").withRef(new AdapterRef("foreign", 1)),
            good.tensors());
    Adapter unpublished = new Adapter(card.withRef(new AdapterRef("draft", 0)), good.tensors());
    Adapter large = FIXTURE.adapter("large", "rank = 6", 0, 1);
    Adapter headed = FIXTURE.adapter("headed", QV, 4, 1);
    Map<String, Tensor> others = new TreeMap<>(good.tensors());
    others.put("adapter.block0.attention.down", Tensor.ofFloats(new float[1], 1));
    Adapter other = new Adapter(card.withRef(new AdapterRef("other", 1)), others);
    try (MixedModel model = FIXTURE.open("slots = 1, lora { rank = 4 }")) {
      float[] before = row(model.run(Map.of("image", images), new Adapter[] {good}), 0, 10);
      Map<Adapter, String> reasons = new LinkedHashMap<>();
      reasons.put(foreign, "expected the model with SHA-256 00");
      reasons.put(unpublished, "published");
      reasons.put(large, "rank up to 4");
      reasons.put(headed, "serving.head.classes");
      reasons.put(other, "adapter.block0.attention.down");
      reasons.forEach(
          (adapter, reason) ->
              assertRefused(
                  reason, () -> model.run(Map.of("image", images), new Adapter[] {adapter})));
      assertArrayEquals(
          before, row(model.run(Map.of("image", images), new Adapter[] {good}), 0, 10));
    }
  }
}
