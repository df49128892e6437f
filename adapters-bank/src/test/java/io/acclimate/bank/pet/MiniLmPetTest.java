package io.acclimate.bank.pet;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.typesafe.config.ConfigFactory;
import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.graph.ModelGraph;
import io.acclimate.runtime.testing.MiniLm;
import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Modules in a pre-trained transformer of other people's. */
class MiniLmPetTest {
  private static final String OUTPUT = "last_hidden_state";
  private static final long TOKENS = 6;

  private static Map<String, Tensor> sentences() {
    long[] ids = {101, 7592, 2088, 102, 0, 0, 101, 2204, 2851, 2035, 999, 102};
    long[] mask = Arrays.stream(ids).map(id -> id == 0 ? 0 : 1).toArray();
    return Map.of(
        "input_ids", Tensor.ofLongs(ids, 2, TOKENS),
        "attention_mask", Tensor.ofLongs(mask, 2, TOKENS),
        "token_type_ids", Tensor.ofLongs(new long[12], 2, TOKENS));
  }

  /** LoRA on q and v: nothing at the start; its effect is the same when folded. */
  @Test
  void loraStartsAsTheModelAndFolds() throws IOException {
    ModelGraph model = MiniLm.open().with(Map.of("batch_size", 2L, "sequence_length", TOKENS));
    PatchedGraph patched =
        PetPatch.of(model).add("lora", PetProvider.create("lora", ConfigFactory.empty())).apply();
    assertEquals(12, patched.sites("lora").size());
    assertEquals(12 * 2 * 8 * 384, patched.trainableCount());
    double[] frozen = Calls.run(model, sentences()).get(OUTPUT);
    Map<String, Tensor> start = patched.initialValues(SeedTree.of(1));
    assertArrayEquals(
        frozen, Calls.run(patched.graph(), Calls.feeds(sentences(), start)).get(OUTPUT), 1e-6);
    start.forEach(
        (name, tensor) -> {
          for (int i = 0; name.endsWith(".B") && i < tensor.elements(); i++) {
            tensor.floats().put(i, (float) (0.02 * Math.sin(i)));
          }
        });
    double[] changed = Calls.run(patched.graph(), Calls.feeds(sentences(), start)).get(OUTPUT);
    assertFalse(Arrays.equals(frozen, changed));
    double[] folded = Calls.run(patched.fold(model, start), sentences()).get(OUTPUT);
    assertArrayEquals(changed, folded, 1e-5);
  }

  /** A head on the mean of the tokens that the mask lets count. */
  @Test
  void headsReadPooledTokens() throws IOException {
    ModelGraph model = MiniLm.open().with(Map.of("batch_size", 2L, "sequence_length", TOKENS));
    PetModule head =
        PetProvider.create(
            "head",
            ConfigFactory.parseString(
                "features = last_hidden_state, mask = attention_mask, classes = 3"));
    PatchedGraph patched = PetPatch.of(model).add("head", head).apply();
    Map<String, Tensor> values = Calls.disturbed(patched, 1);
    double[] tokens = Calls.run(model, sentences()).get(OUTPUT);
    double[] logits = Calls.run(patched.graph(), Calls.feeds(sentences(), values)).get("logits");
    Tensor weight = values.get("head.output.last_hidden_state.weight");
    Tensor bias = values.get("head.output.last_hidden_state.bias");
    for (int c = 0; c < 3; c++) {
      double expected = bias.floats().get(c);
      for (int i = 0; i < 384; i++) {
        double mean = 0;
        for (int t = 0; t < 4; t++) {
          mean += tokens[t * 384 + i] / 4;
        }
        expected += mean * weight.floats().get(c * 384 + i);
      }
      assertEquals(expected, logits[c], 1e-4);
    }
  }
}
