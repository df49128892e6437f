package io.acclimate.tta.gradient;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.Device;
import io.acclimate.runtime.GraphSession;
import io.acclimate.runtime.ModelOptions;
import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.graph.GraphBuilder;
import io.acclimate.runtime.graph.OnnxFormat;
import io.acclimate.runtime.graph.Ops;
import io.acclimate.runtime.graph.ValueType;
import io.acclimate.runtime.train.Losses;
import io.acclimate.tta.OutputBatch;
import io.acclimate.tta.testkit.Batches;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** ITTA's parts against the paper's own code, and what its source training does. */
class IttaTest {
  private static final int CLASSES = 5;
  private static final int FEATURES = 8;

  private static double[] evaluate(GraphBuilder graph, Map<String, Tensor> inputs, String output) {
    graph.output("result", output);
    Tensor result = graph.type("result").allocate();
    try (GraphSession session =
        GraphSession.open(
            "itta", OnnxFormat.toBytes(graph.build()), new ModelOptions(Device.CPU, 1))) {
      session.run(inputs, Map.of("result", result));
    }
    return result.toDoubleArray();
  }

  private static Tensor matrix(JsonNode rows) {
    return Tensor.ofDoubles(Golden.numbers(rows), rows.size(), rows.get(0).size());
  }

  @Test
  void learnedChain() throws IOException {
    JsonNode golden = Golden.read("losses_f64.json").get("itta").get("adaparams_first8_channels");
    Tensor difference = matrix(golden.get("dz"));
    Tensor scales = matrix(golden.get("weights"));
    Tensor shifts = matrix(golden.get("biases"));
    GraphBuilder graph = new GraphBuilder("chain");
    graph.input("dz", ValueType.of(DType.FLOAT64, difference.shape()));
    graph.input("w", ValueType.of(DType.FLOAT64, scales.shape()));
    graph.input("b", ValueType.of(DType.FLOAT64, shifts.shape()));
    String chained = ConsistencyLoss.chain(graph.ops(), "dz", "w", "b");
    assertArrayEquals(
        Golden.numbers(golden.get("out")),
        evaluate(graph, Map.of("dz", difference, "w", scales, "b", shifts), chained),
        1e-12);
  }

  @Test
  void differenceOfGradients() throws IOException {
    JsonNode golden = Golden.read("losses_f64.json").get("itta").get("l2_between_dicts");
    GraphBuilder graph = new GraphBuilder("difference");
    Ops ops = graph.ops();
    Map<String, Tensor> inputs = new java.util.TreeMap<>();
    for (String side : List.of("d1", "d2")) {
      for (String name : List.of("p", "q")) {
        double[] values = Golden.numbers(golden.get(side).get(name));
        graph.input(side + name, ValueType.of(DType.FLOAT64, values.length));
        inputs.put(side + name, Tensor.ofDoubles(values, values.length));
      }
    }
    List<String> order = List.of("q", "p");
    String one = ConsistencyTrainer.standardised(ops, Map.of("p", "d1p", "q", "d1q"), order);
    String two = ConsistencyTrainer.standardised(ops, Map.of("p", "d2p", "q", "d2q"), order);
    double[] found = evaluate(graph, inputs, Losses.meanSquaredError(ops, one, two));
    assertEquals(golden.get("normalize_true").asDouble(), found[0], 1e-12);
  }

  /** The penalty falls: the second-order gradient points the right way. */
  @Test
  void sourceTrainingLowersThePenalty() {
    OutputBatch batch = Batches.stream(1, CLASSES, FEATURES, 32).get(0);
    try (ConsistencyTrainer trainer =
        new ConsistencyTrainer(
            Networks.transformer(FEATURES, CLASSES), CLASSES, FEATURES, 0.02, SeedTree.of(4))) {
      double first = 0;
      double last = 0;
      for (int step = 0; step < 60; step++) {
        double penalty = trainer.step(batch.input(), batch.labels());
        first += step < 20 ? penalty : 0;
        last += step >= 40 ? penalty : 0;
      }
      assertTrue(last < first, first / 20 + " -> " + last / 20);
    }
  }
}
