package io.acclimate.continual.conpet;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import io.acclimate.continual.ClassBlocks;
import io.acclimate.continual.Golden;
import io.acclimate.continual.tuning.LocalCrossEntropy;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.GraphSession;
import io.acclimate.runtime.ModelOptions;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.graph.GraphBuilder;
import io.acclimate.runtime.graph.OnnxFormat;
import io.acclimate.runtime.graph.ValueType;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AssembledLogitsTest {
  private static final JsonNode GOLDEN = Golden.read("conpet_dynamic");
  private static final double TOLERANCE = GOLDEN.get("tolerance_abs").doubleValue();
  private static final int ROWS = GOLDEN.get("tags").size();

  private static ClassBlocks blocks() {
    ClassBlocks blocks = new ClassBlocks();
    int classes = 0;
    for (JsonNode size : GOLDEN.get("classes_per_task")) {
      classes += size.intValue();
      blocks.extendTo(classes);
    }
    return blocks;
  }

  @Test
  void agreesWithThePapersCode() {
    ClassBlocks blocks = blocks();
    int classes = blocks.start(2) + blocks.size(2);
    for (JsonNode mode : GOLDEN.at("/expected/assembly")) {
      double[] logits = new double[ROWS * classes];
      AssembledLogits.clear(logits, logits.length);
      for (int row = 0; row < ROWS; row++) {
        for (JsonNode module : mode.get("selected_modules").get(row)) {
          int block = Integer.parseInt(module.textValue().substring(1)) - 1;
          double[] ofModule = Golden.flat(GOLDEN.get("module_logits").get(block));
          AssembledLogits.put(logits, row, classes, blocks, block, ofModule, row);
        }
        int best = 0;
        double sum = 0;
        for (int label = 0; label < classes; label++) {
          int at = row * classes + label;
          best = logits[at] > logits[row * classes + best] ? label : best;
          sum += Math.exp(logits[at]);
        }
        for (int label = 0; label < classes; label++) {
          assertEquals(
              mode.get("log_softmax").get(row).get(label).doubleValue(),
              logits[row * classes + label] - Math.log(sum),
              TOLERANCE);
        }
        assertEquals(mode.get("pred").get(row).intValue(), best);
      }
    }
  }

  /** The selector learns which block a class belongs to. */
  @Test
  void theLossOfTheSelectorAgreesWithThePapersCode() {
    ClassBlocks blocks = blocks();
    GraphBuilder graph = new GraphBuilder("selector-loss");
    graph.input("logits", ValueType.of(DType.FLOAT64, ROWS, 3));
    graph.input("labels", ValueType.of(DType.INT64, ROWS));
    graph.input("weights", ValueType.of(DType.FLOAT64, ROWS));
    graph.input("open", ValueType.of(DType.FLOAT64, 3));
    graph.output(
        "loss", LocalCrossEntropy.append(graph.ops(), "logits", "labels", "weights", "open"));
    Tensor labels = Tensor.allocate(DType.INT64, ROWS);
    double[] ones = new double[ROWS];
    for (int row = 0; row < ROWS; row++) {
      labels.longs().put(row, blocks.of(GOLDEN.get("tags").get(row).intValue()));
      ones[row] = 1;
    }
    Tensor loss = graph.build().type("loss").allocate();
    try (GraphSession session =
        GraphSession.open("selector", OnnxFormat.toBytes(graph.build()), ModelOptions.DEFAULT)) {
      session.run(
          Map.of(
              "logits", Tensor.ofDoubles(Golden.flat(GOLDEN.get("selector_logits")), ROWS, 3),
              "labels", labels,
              "weights", Tensor.ofDoubles(ones, ROWS),
              "open", Tensor.ofDoubles(new double[] {1, 1, 1}, 3)),
          Map.of("loss", loss));
    }
    assertEquals(
        GOLDEN.at("/expected/selector_loss").doubleValue(), loss.doubles().get(0), TOLERANCE);
  }
}
