package io.acclimate.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.FrozenModel;
import io.acclimate.runtime.ModelRunner;
import io.acclimate.runtime.Tensor;
import io.acclimate.simulators.data.Dataset;
import io.acclimate.simulators.data.IdxReader;
import io.acclimate.tests.support.Project;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The shipped model is what its card says. */
class SourceModelTest {
  private static final int BATCH = 250;

  @Test
  void modelMatchesItsCard() throws Exception {
    JsonNode card =
        new ObjectMapper().readTree(Project.example("models/fashion-vit.json").toFile());
    try (FrozenModel model = FrozenModel.open(Project.example("models/fashion-vit.onnx"))) {
      assertEquals(card.get("sha256").asText(), model.sha256());
      assertEquals("[batch, 1, 28, 28]", model.singleInput().shapeText());
      assertEquals("[batch, 10]", model.requireOutput("logits").shapeText());
      assertEquals("[batch, 96]", model.requireOutput("features").shapeText());
      assertEquals("[batch, 49, 96]", model.requireOutput("tokens").shapeText());
      double accuracy = accuracy(model);
      assertEquals(card.at("/evaluation/accuracy").asDouble(), accuracy, 5e-4);
      assertTrue(accuracy >= 0.905, "accuracy on the clean test images: " + accuracy);
    }
  }

  private static double accuracy(FrozenModel model) {
    Dataset data =
        IdxReader.read(
            Project.example("data/fashion-mnist/t10k-images-idx3-ubyte.gz"),
            Project.example("data/fashion-mnist/t10k-labels-idx1-ubyte.gz"),
            List.of());
    assertEquals(10_000, data.size());
    Tensor batch = Tensor.allocate(DType.FLOAT32, BATCH, 1, 28, 28);
    float[] image = new float[784];
    int right = 0;
    try (ModelRunner runner = model.newRunner(List.of("logits"))) {
      for (int start = 0; start < data.size(); start += BATCH) {
        for (int i = 0; i < BATCH; i++) {
          data.copySample(start + i, image, 0);
          batch.floats().put(784 * i, image);
        }
        float[] logits = runner.run(batch).get("logits").toFloatArray();
        for (int i = 0; i < BATCH; i++) {
          int best = 0;
          for (int c = 1; c < 10; c++) {
            best = logits[10 * i + c] > logits[10 * i + best] ? c : best;
          }
          right += best == data.label(start + i) ? 1 : 0;
        }
      }
    }
    return right / (double) data.size();
  }
}
