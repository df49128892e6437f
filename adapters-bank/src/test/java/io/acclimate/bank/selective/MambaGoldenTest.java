package io.acclimate.bank.selective;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.acclimate.bank.Golden;
import io.acclimate.bank.pet.PetParameter;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.autodiff.GradientCheck;
import io.acclimate.runtime.autodiff.GradientRules;
import io.acclimate.runtime.graph.GraphBuilder;
import io.acclimate.runtime.graph.Ops;
import io.acclimate.runtime.graph.ValueType;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Block and projector against the paper's own code, and what they promise beside. */
class MambaGoldenTest {
  /** The reference's name and shape of each parameter: its in_proj holds ours and the gate's. */
  private static final Map<String, String> BLOCK =
      Map.of(
          "conv", "conv1d.weight",
          "conv-bias", "conv1d.bias",
          "select", "x_proj.weight",
          "step", "dt_proj.weight",
          "step-bias", "dt_proj.bias",
          "log-decay", "A_log",
          "skip", "D");

  private static final Map<String, String> LAYERS =
      Map.of(
          "expand", "0.weight",
          "expand-bias", "0.bias",
          "norm", "1.weight",
          "norm-bias", "1.bias",
          "reduce", "3.weight");

  @Test
  void theBlockAgrees() {
    JsonNode json = Golden.read("mamba_block_fscil");
    JsonNode params = json.get("params");
    MambaBlock block = new MambaBlock(4, 3, 2, false);
    GraphBuilder graph = new GraphBuilder("block");
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    inputs.put("x", input(graph, "x", Golden.numbers(json.get("x")), 2, 9, 4));
    for (PetParameter parameter : block.parameters()) {
      String name = parameter.name();
      inputs.put(name, input(graph, name, blockValues(params, name, ""), sizes(parameter)));
    }
    MambaBlock.Result result = block.append(graph.ops(), "x", name -> name);
    graph.output("z", graph.ops().transposeLast(result.gate()));
    graph.output("dt", graph.ops().transposeLast(result.select().steps()));
    graph.output("B", graph.ops().transposeLast(result.select().write()));
    graph.output("C", graph.ops().transposeLast(result.select().read()));
    graph.output("out", result.tokens());
    Values values =
        Values.of(
            graph, DType.FLOAT64, inputs, result.tokens(), Golden.numbers(json.get("loss_weight")));
    double tolerance = json.get("tolerance_abs").doubleValue();
    JsonNode expected = json.get("expected");
    values.assertClose("out", expected.get("out"), tolerance);
    values.assertClose("z", expected.get("z_preactivation"), tolerance);
    values.assertClose("dt", expected.get("dt_low"), tolerance);
    values.assertClose("B", expected.get("B"), tolerance);
    values.assertClose("C", expected.get("C"), tolerance);
    values.assertClose(Values.GRADIENT + "x", expected.get("grad_x"), tolerance);
    for (PetParameter parameter : block.parameters()) {
      String name = parameter.name();
      values.assertClose(
          Values.GRADIENT + name, blockValues(expected.get("grad_params"), name, ""), tolerance);
    }
  }

  /** A parameter of ours out of the reference's. */
  private static double[] blockValues(JsonNode params, String name, String prefix) {
    if (name.equals("in") || name.equals("gate")) {
      double[] both = Golden.numbers(params.get(prefix + "in_proj.weight"));
      int half = both.length / 2;
      int start = name.equals("in") ? 0 : half;
      return Arrays.copyOfRange(both, start, start + half);
    }
    double[] values = Golden.numbers(params.get(prefix + BLOCK.get(name)));
    return name.equals("conv") ? transposed(values, values.length / 4, 4) : values;
  }

  private static double[] transposed(double[] values, int rows, int columns) {
    double[] result = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      result[i % columns * rows + i / columns] = values[i];
    }
    return result;
  }

  private static Tensor input(GraphBuilder graph, String name, double[] values, long... shape) {
    graph.input(name, ValueType.of(DType.FLOAT64, shape));
    return Values.tensor(DType.FLOAT64, values, shape);
  }

  private static long[] sizes(PetParameter parameter) {
    return parameter.sizes().stream().mapToLong(Long::longValue).toArray();
  }

  private static SelectiveProjector projector(boolean closed) {
    return new SelectiveProjector(5, 7, new MambaBlock(4, 3, 2, closed), TokenOrders.ofGrid(2, 2));
  }

  /** The parameters of a branch of the reference. */
  private static Map<String, double[]> branch(JsonNode params, String suffix) {
    Map<String, double[]> values = new LinkedHashMap<>();
    for (PetParameter parameter : projector(false).parameters()) {
      String name = parameter.name();
      double[] found;
      if (name.equals("place")) {
        found = Golden.numbers(params.get("pos_embed" + suffix));
      } else if (LAYERS.containsKey(name)) {
        found = Golden.numbers(params.get("mlp_proj" + suffix + "." + LAYERS.get(name)));
        // the reference keeps channels before places
        found = name.startsWith("norm") ? transposed(found, 7, 4) : found;
      } else {
        found = blockValues(params, name, "block" + suffix + ".");
      }
      values.put(name, found);
    }
    return values;
  }

  @Test
  void bothBranchesOfTheProjectorAgree() {
    JsonNode json = Golden.read("mamba_fscil_dual_projector");
    JsonNode params = json.get("params");
    GraphBuilder graph = new GraphBuilder("projector");
    Ops ops = graph.ops();
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    inputs.put("x", input(graph, "x", Golden.numbers(json.get("x")), 5, 5, 2, 2));
    inputs.put(
        "residual",
        input(graph, "residual", Golden.numbers(params.get("residual_proj.proj.weight")), 4, 5));
    String map = ops.transpose(ops.reshape("x", 5, 5, 4), 0, 2, 1);
    SelectiveProjector.Result main = append(graph, inputs, map, params, "");
    SelectiveProjector.Result added = append(graph, inputs, map, params, "_new");
    String residual = Layers.linear(ops, ops.reduceMean(map, false, 1), "residual");
    graph.output("base", ops.add(main.features(), residual));
    String out = ops.add(ops.add(main.features(), residual), added.features());
    graph.output("out", out);
    graph.output("z", added.gate());
    Map<String, SelectiveProjector.Result> results = Map.of("", main, "_new", added);
    results.forEach(
        (suffix, result) -> {
          graph.output("dts" + suffix, ops.transposeLast(result.select().steps()));
          graph.output("Bs" + suffix, ops.transposeLast(result.select().write()));
          graph.output("Cs" + suffix, ops.transposeLast(result.select().read()));
        });
    // with gradients: ONNX Runtime fuses x sigmoid(x) into an operator of single precision
    // otherwise
    Values values = Values.of(graph, DType.FLOAT64, inputs, out, new double[5 * 4]);
    JsonNode expected = json.get("expected");
    double tolerance = json.get("tolerance_abs").doubleValue();
    values.assertClose("out", expected.get("out"), tolerance);
    values.assertClose("base", expected.get("out_with_zero_initialised_gate"), tolerance);
    values.assertClose("base", expected.get("residual"), tolerance);
    for (String suffix : List.of("", "_new")) {
      for (String name : List.of("dts", "Bs", "Cs")) {
        values.assertClose(name + suffix, expected.get(name + suffix), tolerance);
      }
    }
    assertArrayEquals(
        Golden.numbers(expected.get("main")), mainOfReference(values.of("z")), tolerance);
  }

  private static SelectiveProjector.Result append(
      GraphBuilder graph, Map<String, Tensor> inputs, String map, JsonNode params, String suffix) {
    Map<String, double[]> branch = branch(params, suffix);
    for (PetParameter parameter : projector(false).parameters()) {
      String name = parameter.name() + suffix;
      inputs.put(name, input(graph, name, branch.get(parameter.name()), sizes(parameter)));
    }
    return projector(false).append(graph.ops(), map, name -> name + suffix);
  }

  /**
   * What the reference sums up for its suppression losses: the gates of the four scans, where the
   * backward scans' are turned around along the channels instead of the tokens. Ours is the gate in
   * the tokens' own order.
   *
   * @param gate {@code [5, 4 tokens, 4 channels]}
   * @return {@code [5, 4 channels, 4 tokens]}
   */
  private static double[] mainOfReference(double[] gate) {
    int[][] orders = TokenOrders.ofGrid(2, 2).places();
    int[] back = {0, 0, 2, 2};
    double[] sums = new double[gate.length];
    for (int row = 0; row < 5; row++) {
      for (int order = 0; order < 4; order++) {
        for (int at = 0; at < 4; at++) {
          for (int channel = 0; channel < 4; channel++) {
            int token = orders[order][at];
            boolean turned = order % 2 == 1;
            // turned along the channels, so the tokens stay in the backward order
            int target = turned ? 3 - channel : channel;
            int place = orders[back[order]][at];
            sums[row * 16 + target * 4 + place] += gate[row * 16 + token * 4 + channel];
          }
        }
      }
    }
    return sums;
  }

  @Test
  void aClosedBranchGivesExactlyZeroYetLearns() {
    GraphBuilder graph = new GraphBuilder("closed");
    Map<String, Tensor> inputs = start(graph, projector(true), 3);
    String features = projector(true).append(graph.ops(), "map", name -> name).features();
    graph.output("features", features);
    double[] weights = new double[3 * 4];
    Arrays.setAll(weights, i -> 1 + i);
    Values values = Values.of(graph, DType.FLOAT64, inputs, features, weights);
    assertArrayEquals(new double[3 * 4], values.of("features"));
    double norm = 0;
    for (double slope : values.of(Values.GRADIENT + "gate")) {
      norm += slope * slope;
    }
    assertTrue(norm > 1e-12, "gradient of the gate: " + norm);
  }

  @Test
  void gradientsOfAllParametersMatchFiniteDifferences() {
    SelectiveProjector projector = projector(false);
    GraphBuilder graph = new GraphBuilder("projector");
    Map<String, Tensor> inputs = start(graph, projector, 2);
    String features = projector.append(graph.ops(), "map", name -> name).features();
    graph.output("loss", graph.ops().reduceSum(graph.ops().mul(features, features), false));
    new GradientCheck(2, SeedTree.of(3), GradientRules.builtInRules())
        .run(graph.build(), "loss", inputs, inputs.keySet())
        .forEach((name, error) -> assertTrue(error < 1e-6, name + ": " + error));
  }

  /** The values that training starts with, and a map. */
  private static Map<String, Tensor> start(
      GraphBuilder graph, SelectiveProjector projector, int batch) {
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    double[] map = new double[batch * 4 * 5];
    var random = SeedTree.of(4).generator();
    Arrays.setAll(map, i -> 2 * random.nextDouble() - 1);
    inputs.put("map", input(graph, "map", map, batch, 4, 5));
    for (PetParameter parameter : projector.parameters()) {
      String name = parameter.name();
      graph.input(name, ValueType.of(DType.FLOAT64, sizes(parameter)));
      Tensor tensor = Tensor.allocate(DType.FLOAT64, sizes(parameter));
      parameter.init().fill(tensor, SeedTree.of(6).child(name));
      inputs.put(name, tensor);
    }
    return inputs;
  }

  @Test
  void stepsStartBetweenAThousandthAndATenth() {
    Tensor bias = Tensor.allocate(DType.FLOAT64, 500);
    StateSpaceInit.stepBias().fill(bias, SeedTree.of(1));
    double least = 1;
    double greatest = 0;
    for (double value : bias.toDoubleArray()) {
      double step = Math.log1p(Math.exp(value));
      least = Math.min(least, step);
      greatest = Math.max(greatest, step);
    }
    assertTrue(least >= 1e-3 * (1 - 1e-9) && least < 1.2e-3, "" + least);
    assertTrue(greatest <= 0.1 * (1 + 1e-9) && greatest > 0.09, "" + greatest);
    Tensor decay = Tensor.allocate(DType.FLOAT64, 2, 3);
    StateSpaceInit.logDecay().fill(decay, SeedTree.of(1));
    double[] row = {0, Math.log(2), Math.log(3)};
    assertArrayEquals(row, Arrays.copyOf(decay.toDoubleArray(), 3));
    assertEquals(row[2], decay.toDoubleArray()[5]);
  }

  @Test
  void columnsAreFollowedInGridsThatAreNotSquare() {
    int[][] places = TokenOrders.ofGrid(2, 3).places();
    assertArrayEquals(new int[] {0, 3, 1, 4, 2, 5}, places[2]);
    assertArrayEquals(new int[] {5, 2, 4, 1, 3, 0}, places[3]);
    assertArrayEquals(new int[] {2, 1, 0}, TokenOrders.ofLine(3).places()[1]);
    assertThrows(AcclimateException.class, () -> TokenOrders.ofLine(0));
  }

  @Test
  void aMapOfAnotherShapeIsRefused() {
    GraphBuilder graph = new GraphBuilder("projector");
    graph.input("map", ValueType.of(DType.FLOAT64, 2, 5, 5));
    AcclimateException refused =
        assertThrows(
            AcclimateException.class,
            () -> projector(true).append(graph.ops(), "map", name -> name));
    assertTrue(refused.getMessage().contains("[batch, 4, 5]"), refused.getMessage());
  }
}
