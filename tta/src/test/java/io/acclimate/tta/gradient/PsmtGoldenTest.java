package io.acclimate.tta.gradient;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import com.fasterxml.jackson.databind.JsonNode;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.Rows;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.graph.Attributes;
import io.acclimate.runtime.graph.Constant;
import io.acclimate.runtime.graph.GraphBuilder;
import io.acclimate.runtime.graph.Ops;
import io.acclimate.runtime.train.ParameterSet;
import io.acclimate.tta.DifferentiableModel;
import io.acclimate.tta.OutputBatch;
import java.io.IOException;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** PSMT's steps against the paper's own code on a small network. */
class PsmtGoldenTest {
  private static final int CLASSES = 3;

  @ParameterizedTest
  @CsvSource({
    "psmt_adam_f64.json, FLOAT64, 1e-12",
    "psmt_sgd_f64.json, FLOAT64, 1e-12",
    "psmt_adam_f32.json, FLOAT32, 2e-5"
  })
  void agreesWithThePapersCode(String file, DType type, double tolerance) throws IOException {
    JsonNode golden = Golden.read(file);
    JsonNode args = golden.get("optimizer_args");
    OptimizerSettings optimizer =
        golden.get("optimizer").asText().equals("Adam")
            ? new OptimizerSettings(OptimizerSettings.Kind.ADAM, args.get("lr").asDouble(), 0)
            : new OptimizerSettings(
                OptimizerSettings.Kind.SGD,
                args.get("lr").asDouble(),
                args.get("momentum").asDouble());
    Psmt.Settings settings =
        new Psmt.Settings(
            Psmt.Variant.CODE,
            golden.get("alpha_teacher").asDouble(),
            golden.get("perc").asDouble(),
            golden.get("fisher_lambda").asDouble());
    DifferentiableModel model = network(golden.get("source_params"), type);
    try (Psmt psmt =
        new Psmt(
            model,
            WeightScope.ALL,
            optimizer,
            settings,
            values -> fill(values, golden.get("source_fisher")))) {
      fill(psmt.student(), golden.get("student_init"));
      fill(psmt.teacher(), golden.get("teacher_init"));
      for (JsonNode step : golden.get("steps")) {
        check(psmt, step, type, tolerance);
      }
    }
  }

  private static void check(Psmt psmt, JsonNode step, DType type, double tolerance) {
    Tensor x =
        Constant.ofDoubles(type, Golden.numbers(step.get("x")), step.get("x").size(), 4).toTensor();
    int rows = (int) x.dim(0);
    double[] uniform = new double[rows * CLASSES];
    Arrays.fill(uniform, 1.0 / CLASSES);
    double[] answer = new double[rows * CLASSES];
    psmt.predictAndAdapt(
        new OutputBatch(rows, CLASSES, 0, uniform, new double[0], null, x), answer);
    double[] expected =
        Arrays.stream(Golden.numbers(step.get("returned"))).map(v -> v / 2).toArray();
    Rows.softmax(expected, rows, CLASSES);
    assertArrayEquals(expected, answer, tolerance, "answer");
    ParameterSet gradients = psmt.learner().load(x).gradients();
    assertClose(step.get("grads_total_loss"), gradients, tolerance * 100, "gradient of ");
    assertClose(step.get("student_final"), psmt.student(), tolerance, "student's ");
    assertClose(step.get("teacher_final"), psmt.teacher(), tolerance, "teacher's ");
  }

  private static void assertClose(
      JsonNode expected, ParameterSet found, double tolerance, String what) {
    for (String name : found.types().keySet()) {
      double[] values = Constant.of(found.tensor(name)).toDoubles();
      assertArrayEquals(Golden.numbers(expected.get(name)), values, tolerance, what + name);
    }
  }

  private static void fill(ParameterSet parameters, JsonNode values) {
    for (String name : parameters.types().keySet()) {
      double[] numbers = Golden.numbers(values.get(name));
      parameters.write(parameters.start(name), numbers, numbers.length);
    }
  }

  /** Linear(4, 5), tanh, Linear(5, 3). */
  private static DifferentiableModel network(JsonNode weights, DType type) {
    GraphBuilder graph = new GraphBuilder("perceptron");
    Ops ops = graph.ops();
    String x = Networks.input(graph, type, 4);
    x = ops.tanh(linear(graph, "0", x, weights, type, 5, 4));
    graph.output("logits", linear(graph, "2", x, weights, type, 3, 5));
    return Networks.model(graph);
  }

  private static String linear(
      GraphBuilder graph, String name, String x, JsonNode weights, DType type, int out, int in) {
    String weight = name + ".weight";
    String bias = name + ".bias";
    graph.constant(weight, Constant.ofDoubles(type, Golden.numbers(weights.get(weight)), out, in));
    graph.constant(bias, Constant.ofDoubles(type, Golden.numbers(weights.get(bias)), out));
    return graph.ops().op("Gemm", Attributes.of("transB", 1), x, weight, bias);
  }
}
