package io.acclimate.continual.tuning;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import io.acclimate.continual.Golden;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.graph.GraphBuilder;
import io.acclimate.runtime.graph.ValueType;
import io.acclimate.runtime.train.ParameterSet;
import io.acclimate.runtime.train.TrainableModel;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LocalCrossEntropyTest {
  private static final JsonNode GOLDEN = Golden.read("local_ce_mask");
  private static final int ROWS = GOLDEN.get("logits").size();
  private static final int CLASSES = GOLDEN.get("logits").get(0).size();
  private static final int OLD = GOLDEN.get("num_old_classes").intValue();

  @Test
  void agreesWithThePapersCode() {
    double tolerance = GOLDEN.get("tolerance_abs").doubleValue();
    double[] weights = new double[ROWS];
    Arrays.fill(weights, 1);
    try (TrainableModel model = model()) {
      ParameterSet logits = logits(model);
      double loss = model.backward(logits, data(weights));
      assertEquals(GOLDEN.get("expected").get("loss").doubleValue(), loss, tolerance);
      double[] found = model.gradients().tensor("logits").toDoubleArray();
      assertArrayEquals(Golden.flat(GOLDEN.get("expected").get("grad_logits")), found, tolerance);
      for (int i = 0; i < found.length; i++) {
        if (i % CLASSES < OLD) {
          assertEquals(0, found[i], "old classes get no gradient at all");
        }
      }
    }
  }

  @Test
  void rowsOfWeightZeroDoNotCount() {
    double[] weights = new double[ROWS];
    weights[0] = 1;
    try (TrainableModel model = model()) {
      model.backward(logits(model), data(weights));
      double[] found = model.gradients().tensor("logits").toDoubleArray();
      double[] expected = Golden.flat(GOLDEN.get("expected").get("grad_logits"));
      for (int i = 0; i < found.length; i++) {
        assertEquals(i < CLASSES ? ROWS * expected[i] : 0, found[i], 1e-12);
      }
    }
  }

  private static TrainableModel model() {
    GraphBuilder graph = new GraphBuilder("local-cross-entropy");
    graph.input("logits", ValueType.of(DType.FLOAT64, ROWS, CLASSES));
    graph.input("labels", ValueType.of(DType.INT64, ROWS));
    graph.input("weights", ValueType.of(DType.FLOAT64, ROWS));
    graph.input("open", ValueType.of(DType.FLOAT64, CLASSES));
    graph.output(
        "loss", LocalCrossEntropy.append(graph.ops(), "logits", "labels", "weights", "open"));
    return TrainableModel.of(graph.build(), "loss").parameters(List.of("logits")).build();
  }

  private static ParameterSet logits(TrainableModel model) {
    ParameterSet logits = model.newParameters();
    double[] values = Golden.flat(GOLDEN.get("logits"));
    logits.write(0, values, values.length);
    return logits;
  }

  private static Map<String, Tensor> data(double[] weights) {
    Tensor labels = Tensor.allocate(DType.INT64, ROWS);
    double[] open = new double[CLASSES];
    Arrays.fill(open, OLD, CLASSES, 1);
    for (int row = 0; row < ROWS; row++) {
      labels.longs().put(row, GOLDEN.get("targets").get(row).intValue());
    }
    return Map.of(
        "labels", labels,
        "weights", Tensor.ofDoubles(weights, ROWS),
        "open", Tensor.ofDoubles(open, CLASSES));
  }
}
