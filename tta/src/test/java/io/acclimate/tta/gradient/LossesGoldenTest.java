package io.acclimate.tta.gradient;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.Device;
import io.acclimate.runtime.ModelOptions;
import io.acclimate.runtime.Rows;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.graph.GraphBuilder;
import io.acclimate.runtime.graph.ValueType;
import io.acclimate.runtime.train.Losses;
import io.acclimate.runtime.train.ParameterSet;
import io.acclimate.runtime.train.TrainableModel;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Losses, sample selection and weights against the methods' own code, in double precision. */
class LossesGoldenTest {
  private static final int ROWS = 6;
  private static final int CLASSES = 10;

  private final JsonNode golden;
  private final double[] logits;
  private final double[] teacher;

  LossesGoldenTest() throws IOException {
    golden = Golden.read("losses_f64.json");
    logits = Golden.numbers(golden.get("student_logits"));
    teacher = Golden.numbers(golden.get("teacher_logits"));
  }

  /** What one call gives: the loss, its gradient by the logits, and the named results. */
  private record Outcome(double loss, double[] gradient, Map<String, double[]> results) {}

  private Outcome run(StreamLoss loss, Map<String, double[]> inputs) {
    GraphBuilder graph = new GraphBuilder("loss");
    graph.input("logits", ValueType.of(DType.FLOAT64, ROWS, CLASSES));
    graph.input(SizedModel.WEIGHTS, ValueType.of(DType.FLOAT64, ROWS));
    LossGraph recipe = new LossGraph(graph, "logits", Optional.empty(), SizedModel.WEIGHTS, ROWS);
    graph.output("loss", loss.append(recipe));
    List<String> results = new ArrayList<>(recipe.results());
    try (TrainableModel model =
        TrainableModel.of(graph.build(), "loss")
            .parameters(List.of("logits"))
            .results(results.toArray(String[]::new))
            .options(new ModelOptions(Device.CPU, 1))
            .build()) {
      ParameterSet parameters = model.newParameters();
      parameters.put("logits", Tensor.ofDoubles(logits, ROWS, CLASSES));
      Map<String, Tensor> data = new TreeMap<>();
      double[] ones = new double[ROWS];
      Arrays.fill(ones, 1);
      for (String input : model.graph().inputs()) {
        if (!input.equals("logits")) {
          Tensor tensor = model.graph().type(input).allocate();
          tensor.doubles().put(inputs.getOrDefault(input, ones));
          data.put(input, tensor);
        }
      }
      double value = model.backward(parameters, data);
      Map<String, double[]> found = new TreeMap<>();
      results.forEach(name -> found.put(name, model.result(name).toDoubleArray()));
      return new Outcome(value, model.gradients().tensor("logits").toDoubleArray(), found);
    }
  }

  /** The sum over samples, whose gradient the file gives, and the value of each. */
  private void check(String key, StreamLoss bySample) {
    Outcome outcome =
        run(
            graph -> {
              String values = bySample.append(graph);
              graph.result("by-sample", values);
              return graph.ops().reduceSum(values, false);
            },
            Map.of("stream/teacher", teacher));
    JsonNode expected = golden.get(key);
    assertArrayEquals(
        Golden.numbers(expected.get("per_sample")), outcome.results().get("by-sample"), 1e-12);
    assertArrayEquals(
        Golden.numbers(expected.get("grad_wrt_logits_of_sum")), outcome.gradient(), 1e-12);
  }

  @Test
  void entropy() {
    check("entropy", graph -> Losses.entropy(graph.ops(), graph.logits(0)));
  }

  @Test
  void consistencyOfCotta() {
    check(
        "cotta_consistency",
        graph ->
            Losses.softCrossEntropy(
                graph.ops(), graph.logits(0), TeacherMethod.teacherAnswers(graph)));
  }

  @Test
  void symmetricCrossEntropy() {
    check(
        "symmetric_ce_alpha0.5",
        graph ->
            Losses.symmetricCrossEntropy(
                graph.ops(), graph.logits(0), TeacherMethod.teacherLogits(graph)));
  }

  @Test
  void likelihoodRatioOfRoid() {
    check(
        "soft_likelihood_ratio_clip0.99_eps1e-5",
        graph -> Roid.likelihoodRatio(graph.ops(), graph.logits(0)));
  }

  @Test
  void selectionOfEata() {
    JsonNode expected = golden.get("eata");
    double[] mean = Golden.numbers(golden.get("class_prob_ema"));
    Eata.Settings settings = new Eata.Settings(0.4, expected.get("d_margin").asDouble(), 0, 0);
    Outcome outcome =
        run(
            graph -> Eata.loss(graph, settings),
            Map.of(Eata.MEAN_ANSWER, mean, Eata.COMPARES, new double[] {1}));
    assertEquals(expected.get("loss_mean_of_weighted_entropies").asDouble(), outcome.loss(), 1e-12);
    assertEquals(expected.get("selected_ids").size(), outcome.results().get(Eata.SELECTED)[0], 0.0);
    double[] updated = new double[CLASSES];
    Arrays.setAll(updated, c -> 0.9 * mean[c] + 0.1 * outcome.results().get(Eata.SELECTED_MEAN)[c]);
    assertArrayEquals(Golden.numbers(expected.get("updated_class_prob_ema")), updated, 1e-12);
  }

  /** Without a mean answer every reliable sample is taken. */
  @Test
  void firstBatchOfEata() {
    Eata.Settings settings = new Eata.Settings(0.4, 0, 0, 0);
    Outcome outcome =
        run(
            graph -> Eata.loss(graph, settings),
            Map.of(Eata.MEAN_ANSWER, new double[CLASSES], Eata.COMPARES, new double[] {0}));
    assertEquals(
        golden.get("eata").get("reliable_ids").size(),
        outcome.results().get(Eata.SELECTED)[0],
        0.0);
  }

  @Test
  void weightsOfRoid() {
    JsonNode expected = golden.get("roid");
    double[] mean = Golden.numbers(golden.get("class_prob_ema"));
    Roid.Settings settings = new Roid.Settings(1.0 / 3, 0.99, false, true);
    Outcome outcome = run(graph -> Roid.loss(graph, settings), Map.of(Roid.MEAN_ANSWER, mean));
    assertArrayEquals(
        Golden.numbers(expected.get("weights")), outcome.results().get(Roid.ROW_WEIGHTS), 1e-11);
    assertEquals(expected.get("loss_slr").asDouble(), outcome.loss(), 1e-11);
    double[] updated = new double[CLASSES];
    Arrays.setAll(updated, c -> 0.9 * mean[c] + 0.1 * outcome.results().get(Roid.BATCH_MEAN)[c]);
    assertArrayEquals(Golden.numbers(expected.get("class_probs_ema_updated")), updated, 1e-12);
  }

  @Test
  void priorOfRoid() {
    JsonNode expected = golden.get("roid");
    double[] answers = logits.clone();
    Rows.softmax(answers, ROWS, CLASSES);
    double[] prior = Roid.smoothedPrior(answers, ROWS, CLASSES);
    assertArrayEquals(Golden.numbers(expected.get("smoothed_prior")), prior, 1e-13);
    double[] corrected = new double[logits.length];
    Arrays.setAll(corrected, k -> logits[k] * prior[k % CLASSES]);
    assertArrayEquals(Golden.numbers(expected.get("prior_corrected_outputs")), corrected, 1e-12);
  }
}
