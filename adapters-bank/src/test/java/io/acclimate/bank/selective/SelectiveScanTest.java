package io.acclimate.bank.selective;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.acclimate.bank.Golden;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.autodiff.GradientCheck;
import io.acclimate.runtime.autodiff.GradientRules;
import io.acclimate.runtime.graph.Attributes;
import io.acclimate.runtime.graph.GraphBuilder;
import io.acclimate.runtime.graph.Ops;
import io.acclimate.runtime.graph.ValueType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SelectiveScanTest {
  /** The vectors hold 12 digits. */
  private static final double TOLERANCE = 1e-9;

  @ParameterizedTest
  @ValueSource(strings = {"L4", "L9", "L49_N16_D4", "L49_N16_D8", "L49_N2", "variants"})
  void agreesWithTheReference(String name) {
    JsonNode file = Golden.read("mamba_scan_" + name);
    assertTrue(file.get("cases").size() > 0);
    for (JsonNode example : file.get("cases")) {
      new Example(example, DType.FLOAT64).check(TOLERANCE);
    }
  }

  @Test
  void agreesInSinglePrecision() {
    JsonNode file = Golden.read("mamba_scan_L49_N16_D4");
    new Example(file.get("cases").get(0), DType.FLOAT32)
        .check(file.get("tolerance_rel_float32").doubleValue());
  }

  /** A case of a file as a graph in the reference's layout, [batch][D][L] and so on. */
  private static final class Example {
    private final JsonNode json;
    private final DType type;
    private final GraphBuilder graph = new GraphBuilder("scan");
    private final Ops ops = graph.ops();
    private final Map<String, Tensor> inputs = new LinkedHashMap<>();

    Example(JsonNode json, DType type) {
      this.json = json;
      this.type = type;
    }

    void check(double tolerance) {
      String delta = input("delta");
      if (input("delta_bias") != null) {
        delta = ops.add(delta, ops.unsqueeze("delta_bias", 1));
      }
      if (json.get("shape").get("delta_softplus").booleanValue()) {
        delta = Layers.softplus(ops, delta);
      }
      String skip = input("D") == null ? "" : "D";
      SelectiveScan scan =
          new SelectiveScan(
              tokensFirst(input("u")),
              tokensFirst(delta),
              input("A"),
              grouped("B"),
              grouped("C"),
              skip);
      SelectiveScan.Result result = scan.append(ops);
      String out = tokensFirst(result.output());
      if (input("z") != null) {
        out = ops.mul(out, Layers.silu(ops, "z"));
      }
      graph.output("out", out);
      graph.output("last_state", result.lastState());
      Values values = Values.of(graph, type, inputs, out, Golden.numbers(json.get("loss_weight")));
      JsonNode expected = json.get("expected");
      values.assertClose("out", expected.get("out"), tolerance);
      values.assertClose("last_state", expected.get("last_state"), tolerance);
      expected
          .get("grads")
          .properties()
          .forEach(
              gradient ->
                  values.assertClose(
                      Values.GRADIENT + gradient.getKey(), gradient.getValue(), tolerance));
    }

    private String input(String name) {
      JsonNode node = json.get("inputs").get(name);
      if (node.isNull()) {
        return null;
      }
      if (!graph.has(name)) {
        List<Long> sizes = new ArrayList<>();
        for (JsonNode at = node; at.isArray(); at = at.get(0)) {
          sizes.add((long) at.size());
        }
        long[] shape = sizes.stream().mapToLong(Long::longValue).toArray();
        graph.input(name, ValueType.of(type, shape));
        inputs.put(name, Values.tensor(type, Golden.numbers(node), shape));
      }
      return name;
    }

    private String tokensFirst(String value) {
      return ops.transpose(value, 0, 2, 1);
    }

    /** [batch][N][L], [batch][G][N][L] or, the same for all tokens, [D][N]. */
    private String grouped(String name) {
      String value = input(name);
      return switch (json.get("shape").get("BC_layout").textValue()) {
        case "BNL" -> ops.unsqueeze(tokensFirst(value), 2);
        case "BGNL" -> ops.transpose(value, 0, 3, 1, 2);
        default -> {
          JsonNode shape = json.get("shape");
          long[] sizes = {
            shape.get("batch").longValue(),
            shape.get("L").longValue(),
            shape.get("D").longValue(),
            shape.get("N").longValue()
          };
          yield ops.op("Expand", Attributes.NONE, value, ops.list(sizes));
        }
      };
    }
  }

  /** Unrolled, in whole chunks, with a part of a chunk left over; fast decays too. */
  @ParameterizedTest
  @CsvSource({"5, 1", "64, 1", "81, 1", "70, 40"})
  void gradientsMatchFiniteDifferences(int tokens, double fastest) {
    GraphBuilder graph = new GraphBuilder("scan");
    SelectiveScan scan = scan(graph, 2, tokens, 4, 2, 3);
    Ops ops = graph.ops();
    String output = scan.append(ops).output();
    graph.output(
        "loss", ops.reduceSum(ops.mul(output, ops.op("Sin", Attributes.NONE, output)), false));
    Map<String, Tensor> inputs = inputs(graph, fastest);
    new GradientCheck(2, SeedTree.of(3), GradientRules.builtInRules())
        .run(graph.build(), "loss", inputs, inputs.keySet())
        .forEach((name, error) -> assertTrue(error < 1e-6, name + ": " + error));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 49, 65, 100, 1024})
  void agreesWithTheRecurrence(int tokens) {
    GraphBuilder graph = new GraphBuilder("scan");
    SelectiveScan.Result result = scan(graph, 1, tokens, 2, 1, 3).append(graph.ops());
    graph.output("out", result.output());
    graph.output("last", result.lastState());
    Map<String, Tensor> inputs = inputs(graph, 4);
    Values values = Values.of(graph, DType.FLOAT64, inputs);
    double[] state = new double[2 * 3];
    for (int l = 0; l < tokens; l++) {
      for (int d = 0; d < 2; d++) {
        double sum = at(inputs, "skip", d) * at(inputs, "input", l * 2 + d);
        for (int n = 0; n < 3; n++) {
          double step = at(inputs, "step", l * 2 + d);
          state[d * 3 + n] =
              Math.exp(step * at(inputs, "decay", d * 3 + n)) * state[d * 3 + n]
                  + step * at(inputs, "write", l * 3 + n) * at(inputs, "input", l * 2 + d);
          sum += at(inputs, "read", l * 3 + n) * state[d * 3 + n];
        }
        assertEquals(sum, values.of("out")[l * 2 + d], 1e-12 * (1 + Math.abs(sum)));
      }
    }
    for (int i = 0; i < state.length; i++) {
      assertEquals(state[i], values.of("last")[i], 1e-12 * (1 + Math.abs(state[i])));
    }
  }

  private static double at(Map<String, Tensor> inputs, String name, int index) {
    return inputs.get(name).doubles().get(index);
  }

  @Test
  void shapesThatDoNotFitAreRefused() {
    GraphBuilder graph = new GraphBuilder("scan");
    SelectiveScan good = scan(graph, 2, 5, 4, 2, 3);
    graph.input("other", ValueType.of(DType.FLOAT64, 2, 5, 3, 3));
    SelectiveScan bad =
        new SelectiveScan(good.input(), good.step(), good.decay(), "other", "other", "");
    AcclimateException refused =
        assertThrows(AcclimateException.class, () -> bad.append(graph.ops()));
    assertTrue(refused.getMessage().contains("[batch, tokens, groups, states]"));
  }

  private static SelectiveScan scan(
      GraphBuilder graph, long batch, long tokens, long size, long groups, long states) {
    graph.input("input", ValueType.of(DType.FLOAT64, batch, tokens, size));
    graph.input("step", ValueType.of(DType.FLOAT64, batch, tokens, size));
    graph.input("decay", ValueType.of(DType.FLOAT64, size, states));
    graph.input("write", ValueType.of(DType.FLOAT64, batch, tokens, groups, states));
    graph.input("read", ValueType.of(DType.FLOAT64, batch, tokens, groups, states));
    graph.input("skip", ValueType.of(DType.FLOAT64, size));
    return new SelectiveScan("input", "step", "decay", "write", "read", "skip");
  }

  private static Map<String, Tensor> inputs(GraphBuilder graph, double fastest) {
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    for (String name : List.of("input", "step", "decay", "write", "read", "skip")) {
      var random = SeedTree.of(9).child(name).generator();
      Tensor tensor = graph.type(name).allocate();
      for (int i = 0; i < tensor.elements(); i++) {
        double value =
            switch (name) {
              case "step" -> 0.01 + 0.3 * random.nextDouble();
              case "decay" -> -0.1 - fastest * random.nextDouble();
              default -> 2 * random.nextDouble() - 1;
            };
        tensor.doubles().put(i, value);
      }
      inputs.put(name, tensor);
    }
    return inputs;
  }
}
