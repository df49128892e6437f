package io.acclimate.bank.pet;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.typesafe.config.ConfigFactory;
import io.acclimate.bank.Golden;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.GraphSession;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.autodiff.Autodiff;
import io.acclimate.runtime.graph.Constant;
import io.acclimate.runtime.graph.DoublePrecision;
import io.acclimate.runtime.graph.GraphBuilder;
import io.acclimate.runtime.graph.ModelGraph;
import io.acclimate.runtime.graph.Ops;
import io.acclimate.runtime.graph.ValueType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Forward passes and gradients of LAE's own modules around one attention. */
class LaeGoldenTest {
  private static final JsonNode GOLDEN = Golden.read("lae_pet_forward");
  private static final double TOLERANCE = GOLDEN.get("tolerance_abs").doubleValue();
  private static final long BATCH = GOLDEN.get("x").size();
  private static final long TOKENS = GOLDEN.get("x").get(0).size();
  private static final long DIM = GOLDEN.get("dim").longValue();
  private static final long HEADS = GOLDEN.get("num_heads").longValue();

  private static final Map<String, String> ADAPTER_NAMES =
      Map.of(
          "layer.0.weight", "attention.down",
          "layer.0.bias", "attention.down-bias",
          "layer.2.weight", "attention.up",
          "layer.2.bias", "attention.up-bias",
          "layer.3.scale", "attention.scale");
  private static final Map<String, String> LORA_NAMES =
      Map.of(
          "lora_A.0", "attention.k.A",
          "lora_A.1", "attention.v.A",
          "lora_B.0", "attention.k.B",
          "lora_B.1", "attention.v.B",
          "scale.0.scale", "attention.k.scale",
          "scale.1.scale", "attention.v.scale");
  private static final Map<String, String> PREFIX_NAMES =
      Map.of(
          "key.tokens", "attention.kv.key",
          "key.scaler.scale", "attention.kv.key-scale",
          "val.tokens", "attention.kv.value",
          "val.scaler.scale", "attention.kv.value-scale");

  static List<JsonNode> cases() {
    List<JsonNode> cases = new ArrayList<>();
    GOLDEN.get("cases").forEach(cases::add);
    return cases;
  }

  private static Constant constant(String name, long... shape) {
    double[] values = Golden.numbers(GOLDEN.get("attn_params").get(name));
    return Constant.ofDoubles(DType.FLOAT64, values, shape);
  }

  /** The attention of a vision transformer, with one product for queries, keys and values. */
  private static ModelGraph attention() {
    GraphBuilder graph = new GraphBuilder("attention");
    Ops ops = graph.ops();
    long size = DIM / HEADS;
    graph.input("x", ValueType.of(DType.FLOAT64, BATCH, TOKENS, DIM));
    graph.constant("qkv.weight", constant("qkv.weight", 3 * DIM, DIM));
    graph.constant("qkv.bias", constant("qkv.bias", 3 * DIM));
    graph.constant("proj.weight", constant("proj.weight", DIM, DIM));
    graph.constant("proj.bias", constant("proj.bias", DIM));
    String rows = ops.reshape("x", -1, DIM);
    String fused = LinearOps.linear(ops, rows, "qkv.weight", "qkv.bias");
    String parts = ops.transpose(ops.reshape(fused, BATCH, TOKENS, 3, HEADS, size), 2, 0, 3, 1, 4);
    List<String> heads = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      heads.add(ops.squeeze(ops.slice(parts, 0, i, i + 1), 0));
    }
    String scores = ops.matMul(heads.get(0), ops.transposeLast(heads.get(1)));
    String weights = ops.softmax(ops.mul(scores, 1 / Math.sqrt(size)), -1);
    String context = ops.transpose(ops.matMul(weights, heads.get(2)), 0, 2, 1, 3);
    String result =
        LinearOps.linear(ops, ops.reshape(context, -1, DIM), "proj.weight", "proj.bias");
    graph.output("out", ops.reshape(result, BATCH, TOKENS, DIM));
    return graph.build();
  }

  private record Case(PetModule module, Map<String, String> names) {}

  private static Case module(JsonNode golden) {
    return switch (golden.get("kind").textValue()) {
      case "Adapter" ->
          new Case(
              create("adapter", "bottleneck = 3, placement = " + golden.get("mode").textValue()),
              ADAPTER_NAMES);
      case "KVLoRA" ->
          new Case(
              create(
                  "lora",
                  "rank = 2, alpha = 1, divide-by-rank = false, learnable-scale = true, "
                      + "sites = [attention-k, attention-v]"),
              LORA_NAMES);
      default ->
          new Case(
              create(
                  "prefix",
                  "length = 3, compensation = " + golden.get("compensatory").booleanValue()),
              PREFIX_NAMES);
    };
  }

  private static PetModule create(String name, String settings) {
    return PetProvider.create(name, ConfigFactory.parseString(settings));
  }

  private static long[] shape(JsonNode node) {
    List<Long> shape = new ArrayList<>();
    for (JsonNode at = node; at.isArray(); at = at.get(0)) {
      shape.add((long) at.size());
    }
    return shape.stream().mapToLong(Long::longValue).toArray();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void agreesWithThePapersCode(JsonNode golden) {
    Case one = module(golden);
    PatchedGraph patched = PetPatch.of(attention()).add("pet", one.module()).apply();
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    inputs.put("x", Tensor.ofDoubles(Golden.numbers(GOLDEN.get("x")), BATCH, TOKENS, DIM));
    golden
        .get("params")
        .properties()
        .forEach(
            entry ->
                inputs.put(
                    full(one, entry.getKey()),
                    Tensor.ofDoubles(Golden.numbers(entry.getValue()), shape(entry.getValue()))));
    assertEquals(patched.graph().inputs().size(), inputs.size());

    GraphBuilder builder = patched.graph().toBuilder();
    double[] weights = Golden.numbers(GOLDEN.get("loss_weight"));
    String weight =
        builder.constant(Constant.ofDoubles(DType.FLOAT64, weights, BATCH, TOKENS, DIM));
    String loss = builder.ops().reduceSum(builder.ops().mul("out", weight), false);
    Autodiff.gradients(builder, loss, inputs.keySet())
        .forEach((name, gradient) -> builder.output("gradient/" + name, gradient));
    ModelGraph graph = DoublePrecision.of(builder.build());
    try (GraphSession session = Calls.open(graph)) {
      Map<String, double[]> found = Calls.run(session, graph, inputs);
      assertArrayEquals(Golden.numbers(golden.get("out")), found.get("out"), TOLERANCE);
      assertArrayEquals(Golden.numbers(golden.get("grad_x")), found.get("gradient/x"), TOLERANCE);
      golden
          .get("grad_params")
          .properties()
          .forEach(
              entry ->
                  assertArrayEquals(
                      Golden.numbers(entry.getValue()),
                      found.get("gradient/" + full(one, entry.getKey())),
                      TOLERANCE,
                      entry.getKey()));
    }
  }

  private static String full(Case one, String name) {
    return "pet.block0." + one.names().get(name);
  }
}
