package io.acclimate.bank.pet;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.typesafe.config.ConfigFactory;
import io.acclimate.bank.Golden;
import io.acclimate.bank.TensorMaps;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.graph.Attributes;
import io.acclimate.runtime.graph.Constant;
import io.acclimate.runtime.graph.DoublePrecision;
import io.acclimate.runtime.graph.GraphBuilder;
import io.acclimate.runtime.graph.ModelGraph;
import io.acclimate.runtime.graph.Ops;
import io.acclimate.runtime.graph.ValueType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Forward passes of MOS's own vision transformer with and without adapters. The released code
 * merges adapters in every forward pass, so that each evaluation changes them; here none does.
 */
class MosGoldenTest {
  private static final JsonNode GOLDEN = Golden.read("mos_forward_code_behaviour");
  private static final JsonNode EXPECTED = GOLDEN.get("expected");
  private static final double TOLERANCE = GOLDEN.get("tolerance_abs").doubleValue();

  /** ONNX keeps the adapters' factor of 0.1 in single precision. */
  private static final double FACTOR_TOLERANCE = 1e-8;

  private static final long BATCH = GOLDEN.get("x").size();
  private static final long TOKENS = GOLDEN.get("x").get(0).size() + 1;
  private static final long DIM = GOLDEN.get("dim").longValue();
  private static final long HEADS = GOLDEN.get("num_heads").longValue();
  private static final int DEPTH = GOLDEN.get("depth").intValue();

  private final GraphBuilder graph = new GraphBuilder("mos-vit");
  private final Ops ops = graph.ops();

  private String weight(String name, long... shape) {
    return scaled(1, name, shape);
  }

  private String scaled(double factor, String name, long... shape) {
    double[] values = Golden.numbers(GOLDEN.get("params").get(name));
    Arrays.setAll(values, i -> factor * values[i]);
    return graph.constant(name, Constant.ofDoubles(DType.FLOAT64, values, shape));
  }

  private String norm(String x, String name) {
    Attributes attributes = Attributes.of("axis", -1).and("epsilon", 1e-6);
    return ops.op(
        "LayerNormalization",
        attributes,
        x,
        weight(name + ".weight", DIM),
        weight(name + ".bias", DIM));
  }

  private String linear(String x, String name, double factor, long in, long out) {
    String rows =
        LinearOps.linear(
            ops,
            ops.reshape(x, -1, in),
            scaled(factor, name + ".weight", out, in),
            scaled(factor, name + ".bias", out));
    return ops.reshape(rows, BATCH, TOKENS, out);
  }

  private String heads(String x, String name, double factor) {
    String all = ops.reshape(linear(x, name, factor, DIM, DIM), BATCH, TOKENS, HEADS, DIM / HEADS);
    return ops.transpose(all, 0, 2, 1, 3);
  }

  private String attention(String x, String name) {
    // ONNX Runtime would fuse a factor of the scores into the product, in single precision.
    String query = heads(x, name + ".q_proj", 1 / Math.sqrt((double) DIM / HEADS));
    String key = heads(x, name + ".k_proj", 1);
    String value = heads(x, name + ".v_proj", 1);
    String weights = ops.softmax(ops.matMul(query, ops.transposeLast(key)), -1);
    String context = ops.transpose(ops.matMul(weights, value), 0, 2, 1, 3);
    return linear(ops.reshape(context, BATCH, TOKENS, DIM), name + ".proj", 1, DIM, DIM);
  }

  private ModelGraph transformer() {
    graph.input("x", ValueType.of(DType.FLOAT64, BATCH, TOKENS - 1, DIM));
    String first = ops.expandLike(weight("cls_token", 1, 1, DIM), ops.slice("x", 1, 0, 1));
    String x = ops.add(ops.concat(1, List.of(first, "x")), weight("pos_embed", 1, TOKENS, DIM));
    long inner = GOLDEN.get("mlp_ratio").longValue() * DIM;
    for (int layer = 0; layer < DEPTH; layer++) {
      String block = "blocks." + layer;
      x = ops.add(x, attention(norm(x, block + ".norm1"), block + ".attn"));
      String up = linear(norm(x, block + ".norm2"), block + ".fc1", 1, DIM, inner);
      String activated = ops.op("Gelu", Attributes.NONE, up);
      x = ops.add(x, linear(activated, block + ".fc2", 1, inner, DIM));
    }
    graph.output("features", ops.squeeze(ops.slice(norm(x, "norm"), 1, 0, 1), 1));
    return graph.build();
  }

  private static PatchedGraph patched(ModelGraph plain) {
    PetModule module =
        PetProvider.create("mos-adapter", ConfigFactory.parseString("bottleneck = 2"));
    return PetPatch.of(plain).add("mos", module).apply();
  }

  /** A stored adapter under the names of the graph's parameters. */
  private static Map<String, Tensor> values(PatchedGraph patched, JsonNode adapter) {
    Map<String, String> names =
        Map.of(
            "down", "down_proj.weight",
            "down-bias", "down_proj.bias",
            "up", "up_proj.weight",
            "up-bias", "up_proj.bias");
    Map<String, Tensor> values = new LinkedHashMap<>();
    List<String> left = new ArrayList<>(patched.parameters().keySet());
    for (int layer = 0; layer < DEPTH; layer++) {
      for (Map.Entry<String, String> name : names.entrySet()) {
        String start = "mos.block" + layer + ".";
        String full =
            left.stream()
                .filter(one -> one.startsWith(start) && one.endsWith("." + name.getKey()))
                .findFirst()
                .orElseThrow();
        double[] numbers = Golden.numbers(adapter.get(layer).get(name.getValue()));
        long[] shape = patched.parameters().get(full).type().shape().sizes();
        values.put(full, Tensor.ofDoubles(numbers, shape));
      }
    }
    return values;
  }

  private static double[] features(ModelGraph graph, Map<String, Tensor> values) {
    double[] x = Golden.numbers(GOLDEN.get("x"));
    Map<String, Tensor> data = Map.of("x", Tensor.ofDoubles(x, BATCH, TOKENS - 1, DIM));
    return Calls.run(DoublePrecision.of(graph), Calls.feeds(data, values)).get("features");
  }

  @Test
  void agreesWithThePapersCodeAndChangesNothing() {
    ModelGraph plain = transformer();
    assertArrayEquals(
        Golden.numbers(EXPECTED.get("features_plain_backbone")),
        features(plain, Map.of()),
        TOLERANCE);
    PatchedGraph patched = patched(plain);
    assertArrayEquals(
        Golden.numbers(EXPECTED.get("features_adapter0_eval")),
        features(patched.graph(), values(patched, GOLDEN.get("stored_adapters").get(0))),
        FACTOR_TOLERANCE);
    Map<String, Tensor> second = values(patched, GOLDEN.get("stored_adapters").get(1));
    double[] before = TensorMaps.flatten(second);
    double[] pure = Golden.numbers(EXPECTED.get("features_adapter1_no_side_effect"));
    for (JsonNode call : EXPECTED.get("eval_adapter1_three_consecutive_calls")) {
      double[] found = features(patched.graph(), second);
      assertArrayEquals(pure, found, FACTOR_TOLERANCE);
      assertTrue(distance(Golden.numbers(call.get("features")), found) > 1e-3);
    }
    assertArrayEquals(before, TensorMaps.flatten(second));
  }

  private static double distance(double[] one, double[] other) {
    double greatest = 0;
    for (int i = 0; i < one.length; i++) {
      greatest = Math.max(greatest, Math.abs(one[i] - other[i]));
    }
    return greatest;
  }
}
