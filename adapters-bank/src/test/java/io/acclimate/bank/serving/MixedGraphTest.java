package io.acclimate.bank.serving;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigFactory;
import io.acclimate.bank.Adapter;
import io.acclimate.bank.AdapterCard;
import io.acclimate.bank.AdapterRef;
import io.acclimate.bank.pet.PatchedGraph;
import io.acclimate.bank.pet.PetPatch;
import io.acclimate.bank.pet.PetProvider;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.GraphSession;
import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.graph.Constant;
import io.acclimate.runtime.graph.Dim;
import io.acclimate.runtime.graph.GraphBuilder;
import io.acclimate.runtime.graph.OnnxFormat;
import io.acclimate.runtime.graph.Ops;
import io.acclimate.runtime.graph.Shape;
import io.acclimate.runtime.graph.Specializer;
import io.acclimate.runtime.graph.ValueType;
import io.acclimate.runtime.settings.SettingsException;
import io.acclimate.runtime.testing.MiniLm;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Graphs of other people's models, and models whose rows are not apart. */
class MixedGraphTest {
  private static final String OUTPUT = "last_hidden_state";
  private static final int TOKENS = 4;
  private static final int WIDTH = 384;

  private static Map<String, Tensor> sentences(int rows) {
    long[] ids = {101, 7592, 2088, 102, 101, 2204, 2851, 102, 101, 2035, 999, 102};
    long[] ones = new long[rows * TOKENS];
    Arrays.fill(ones, 1);
    return Map.of(
        "input_ids", Tensor.ofLongs(Arrays.copyOf(ids, rows * TOKENS), rows, TOKENS),
        "attention_mask", Tensor.ofLongs(ones, rows, TOKENS),
        "token_type_ids", Tensor.ofLongs(new long[rows * TOKENS], rows, TOKENS));
  }

  /** A pre-trained transformer whose file leaves the types of its values open. */
  @Test
  void rowsOfATransformerFromElsewhere() throws IOException {
    Specializer model = MiniLm.open();
    MixedGraph graph =
        MixedGraph.of(
            model,
            Map.of("sequence_length", 8L),
            ServingSettings.of(ConfigFactory.parseString("slots = 2")));
    PatchedGraph patched =
        PetPatch.of(model.with(Map.of("batch_size", 3L, "sequence_length", (long) TOKENS)))
            .add("lora", PetProvider.create("lora", ConfigFactory.empty()))
            .apply();
    Map<String, Tensor> values = patched.initialValues(SeedTree.of(3));
    values.forEach(
        (name, tensor) -> {
          for (int i = 0; name.endsWith(".B") && i < tensor.elements(); i++) {
            tensor.floats().put(i, (i % 7 - 3) * 0.01f);
          }
        });
    Adapter adapter =
        new Adapter(
            AdapterCard.of("text", "text", "lora", "").withRef(new AdapterRef("text", 1)), values);
    float[] all = new float[3 * TOKENS * WIDTH];
    float[] none = new float[3 * TOKENS * WIDTH];
    try (GraphSession session =
        GraphSession.open("patched", OnnxFormat.toBytes(patched.graph()), ServedAdapters.OPTIONS)) {
      Tensor result = Tensor.allocate(DType.FLOAT32, 3, TOKENS, WIDTH);
      Map<String, Tensor> feeds = new LinkedHashMap<>(sentences(3));
      feeds.putAll(values);
      session.run(feeds, Map.of(OUTPUT, result));
      result.floats().get(all);
      feeds.putAll(patched.initialValues(SeedTree.of(3)));
      session.run(feeds, Map.of(OUTPUT, result));
      result.floats().get(none);
    }
    try (MixedModel mixed =
        MixedModel.open(graph, "any", ServedAdapters.OPTIONS, List.of(OUTPUT))) {
      float[] found =
          mixed
              .run(sentences(3), new Adapter[] {adapter, null, adapter})
              .get(OUTPUT)
              .toFloatArray();
      int perRow = TOKENS * WIDTH;
      for (int row = 0; row < 3; row++) {
        float[] expected = row == 1 ? none : all;
        assertArrayEquals(
            Arrays.copyOfRange(expected, row * perRow, (row + 1) * perRow),
            Arrays.copyOfRange(found, row * perRow, (row + 1) * perRow),
            1e-5f,
            "row " + row);
      }
      assertEquals(0, mixed.graph().classes());
    }
  }

  private static Specializer model(boolean centred) {
    GraphBuilder graph = new GraphBuilder("tiny");
    Ops ops = graph.ops();
    Shape shape = new Shape(List.of(Dim.symbol("batch"), Dim.of(3)));
    String x = graph.input("x", new ValueType(DType.FLOAT32, shape));
    double[] weights = {1, 2, 3, 4, 5, 6, 7, 8, 9};
    String w = graph.constant("w", Constant.ofDoubles(DType.FLOAT32, weights, 3, 3));
    String inner = ops.matMul(x, w);
    String v = graph.constant("v", Constant.ofDoubles(DType.FLOAT32, weights, 3, 3));
    graph.output(
        "logits", ops.matMul(centred ? ops.sub(inner, ops.reduceMean(inner, true, 0)) : inner, v));
    return Specializer.of("tiny", OnnxFormat.toBytes(graph.build()));
  }

  private static MixedModel open(Specializer model) {
    ServingSettings settings =
        ServingSettings.of(ConfigFactory.parseString("lora { sites = [linear], rank = 2 }"));
    return MixedModel.open(
        MixedGraph.of(model, Map.of(), settings), "any", ServedAdapters.OPTIONS, List.of("logits"));
  }

  /** Rows that are normalised over the batch cannot have adapters of their own. */
  @Test
  void aModelWhoseRowsDependOnEachOtherIsRefused() {
    try (MixedModel apart = open(model(false))) {
      Tensor x = Tensor.ofFloats(new float[] {1, 0, 0}, 1, 3);
      assertArrayEquals(
          new float[] {30, 36, 42},
          apart.run(Map.of("x", x), new Adapter[1]).get("logits").toFloatArray());
    }
    AcclimateException e = assertThrows(AcclimateException.class, () -> open(model(true)));
    assertTrue(e.getMessage().contains("changed by another row's adapter"), e.getMessage());
  }

  @Test
  void placesThatAModelHasNotAreRefused() {
    ServingSettings attention = ServingSettings.defaults();
    AcclimateException e =
        assertThrows(
            AcclimateException.class, () -> MixedGraph.of(model(false), Map.of(), attention));
    assertTrue(e.getMessage().contains("no place"), e.getMessage());
    assertThrows(
        SettingsException.class,
        () -> ServingSettings.of(ConfigFactory.parseString("slots = 0, lora { rank = 0 }")));
  }
}
