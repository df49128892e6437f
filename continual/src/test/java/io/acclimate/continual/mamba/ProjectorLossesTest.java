package io.acclimate.continual.mamba;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import io.acclimate.bank.selective.MambaBlock;
import io.acclimate.continual.Golden;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.Device;
import io.acclimate.runtime.ModelOptions;
import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.graph.GraphBuilder;
import io.acclimate.runtime.graph.Ops;
import io.acclimate.runtime.graph.ValueType;
import io.acclimate.runtime.train.ParameterSet;
import io.acclimate.runtime.train.TrainableModel;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Head and losses against vectors of the papers' own code. */
class ProjectorLossesTest {
  private final GraphBuilder graph = new GraphBuilder("losses");
  private final Ops ops = graph.ops();
  private final Map<String, Tensor> data = new LinkedHashMap<>();

  private String input(String name, double[] values, long... shape) {
    graph.input(name, ValueType.of(DType.FLOAT64, shape));
    data.put(name, Tensor.ofDoubles(values, shape));
    return name;
  }

  /** The loss, and its gradient by one of the inputs. */
  private double run(String loss, String parameter, double[] gradient) {
    graph.output("loss", loss);
    try (TrainableModel model =
        TrainableModel.of(graph.build(), "loss")
            .parameters(List.of(parameter))
            .options(new ModelOptions(Device.CPU, 1))
            .build()) {
      ParameterSet parameters = model.newParameters();
      parameters.put(parameter, data.get(parameter));
      data.remove(parameter);
      double value = model.backward(parameters, data);
      model.gradients().read(0, gradient, gradient.length);
      return value;
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void theFrameAndItsScoresAgree(int index) {
    JsonNode json = Golden.read("etf_dr_loss").get("cases").get(index);
    int size = json.get("dim").intValue();
    int classes = json.get("num_classes").intValue();
    EtfHead head = EtfHead.ofBasis(size, classes, Golden.numbers(json.get("orthogonal_factor_Q")));
    double[][] etf = Golden.matrix(json.get("etf"));
    for (int c = 0; c < classes; c++) {
      for (int i = 0; i < size; i++) {
        assertEquals(etf[i][c], head.columns()[c * size + i], 1e-9);
      }
    }
    int seen = json.get("eval_classes").intValue();
    double[][] features = Golden.matrix(json.get("features"));
    double[][] expected = Golden.matrix(json.get("expected").get("scores_eval"));
    double[] scores = new double[1 + seen];
    for (int row = 0; row < features.length; row++) {
      head.cosines(features[row], seen, scores, 1);
      assertArrayEquals(expected[row], Arrays.copyOfRange(scores, 1, 1 + seen), 1e-9);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"plain", "with_len"})
  void theDotRegressionLossAndItsGradientAgree(String kind) {
    for (JsonNode json : Golden.read("etf_dr_loss").get("cases")) {
      ProjectorLossesTest fresh = new ProjectorLossesTest();
      fresh.checkDotRegression(json, kind);
    }
  }

  private void checkDotRegression(JsonNode json, String kind) {
    int size = json.get("dim").intValue();
    int rows = json.get("features").size();
    int classes = json.get("num_classes").intValue();
    EtfHead head = EtfHead.ofBasis(size, classes, Golden.numbers(json.get("orthogonal_factor_Q")));
    int[] labels =
        Arrays.stream(Golden.numbers(json.get("labels"))).mapToInt(y -> (int) y).toArray();
    double[] directions = new double[rows * size];
    double[] weights = new double[rows];
    long kinds = Arrays.stream(labels).distinct().count();
    for (int row = 0; row < rows; row++) {
      int label = labels[row];
      System.arraycopy(head.columns(), label * size, directions, row * size, size);
      long count = Arrays.stream(labels).filter(one -> one == label).count();
      weights[row] = kind.equals("plain") ? 1.0 / rows : 1.0 / (kinds * count);
    }
    input("features", Golden.numbers(json.get("features")), rows, size);
    String loss =
        ProjectorLosses.dotRegression(
            ops,
            "features",
            input("targets", directions, rows, 1, size),
            input("weights", weights, rows, 1));
    JsonNode expected = json.get("expected").get(kind);
    double[] gradient = new double[rows * size];
    assertEquals(expected.get("loss").doubleValue(), run(loss, "features", gradient), 1e-9);
    assertArrayEquals(Golden.numbers(expected.get("grad_features")), gradient, 1e-9);
  }

  @Test
  void aDrawnFrameIsEquiangular() {
    EtfHead head = EtfHead.drawn(12, 10, SeedTree.of(3));
    double[] columns = head.columns();
    for (int a = 0; a < 10; a++) {
      double[] cosines = new double[10];
      head.cosines(Arrays.copyOfRange(columns, a * 12, (a + 1) * 12), 10, cosines, 0);
      for (int b = 0; b < 10; b++) {
        assertEquals(a == b ? 1 : -1.0 / 9, cosines[b], 1e-12);
      }
    }
    assertArrayEquals(columns, EtfHead.ofColumns(12, 10, columns).columns());
  }

  @Test
  void theClassSensitiveLossesAgree() {
    JsonNode json = Golden.read("mamba_fscil_dual_projector");
    JsonNode config = json.get("config");
    JsonNode expected = json.get("expected");
    JsonNode losses = expected.get("losses");
    double tolerance = json.get("tolerance_abs").doubleValue();
    input("gate", Golden.numbers(expected.get("main")), 5, 4, 4);
    String old = input("old", new double[] {1, 1, 1, 0, 0}, 5);
    String added = input("added", new double[] {0, 0, 0, 1, 1}, 5);
    double suppress = config.get("loss_weight_supp").doubleValue();
    double excite = config.get("loss_weight_supp_novel").doubleValue();
    graph.output("kept", ops.mul(ProjectorLosses.gateSize(ops, "gate", old), suppress));
    graph.output("freed", ops.mul(ProjectorLosses.gateSize(ops, "gate", added), -excite));
    Map<String, Double> wanted = new LinkedHashMap<>();
    wanted.put("kept", losses.get("loss_supp_base").doubleValue());
    wanted.put("freed", losses.get("loss_supp_novel").doubleValue());
    for (String branch : List.of("base", "new")) {
      double weight =
          config
              .get(branch.equals("new") ? "loss_weight_sep_new" : "loss_weight_sep")
              .doubleValue();
      for (String part : List.of("dts", "Bs", "Cs")) {
        String name = part + (branch.equals("new") ? "_new" : "");
        JsonNode values = expected.get(name);
        long size = values.get(0).get(0).size();
        input(name, Golden.numbers(values), 5, size, 4);
        String alike = ProjectorLosses.likeness(ops, ops.transposeLast(name), old, added);
        graph.output("sep-" + name, ops.mul(alike, weight));
        wanted.put("sep-" + name, losses.get("loss_sep_" + part + "_" + branch).doubleValue());
      }
    }
    wanted.forEach((name, value) -> assertEquals(value, value(name), tolerance, name));
  }

  private double value(String output) {
    var built = graph.build();
    try (TrainableModel model =
        TrainableModel.of(built, output).options(new ModelOptions(Device.CPU, 1)).build()) {
      return model.forward(model.newParameters(), data);
    }
  }

  /** A gate that is closed, and batches of one kind of class, have slopes that are 0. */
  @ParameterizedTest
  @ValueSource(strings = {"gate", "read"})
  void nothingToCompareGivesNoSlope(String parameter) {
    String old = input("old", new double[] {1, 1}, 2);
    String added = input("added", new double[2], 2);
    input("gate", new double[2 * 3 * 4], 2, 3, 4);
    for (String part : List.of("steps", "write", "read")) {
      input(part, new double[] {1, 2, 3, 4, 5, 6}, 2, 3, 1);
    }
    String sizes =
        ops.add(
            ProjectorLosses.gateSize(ops, "gate", old),
            ProjectorLosses.gateSize(ops, "gate", added));
    String alike =
        ProjectorLosses.separation(
            ops, new MambaBlock.Selection("steps", "write", "read"), old, added);
    double[] gradient = new double[Math.toIntExact(data.get(parameter).elements())];
    double loss = run(ops.add(sizes, alike), parameter, gradient);
    assertEquals(0, loss, 1e-8);
    assertArrayEquals(new double[gradient.length], gradient);
  }
}
