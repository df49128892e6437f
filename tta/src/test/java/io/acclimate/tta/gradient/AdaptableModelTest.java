package io.acclimate.tta.gradient;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.Rows;
import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.graph.GraphBuilder;
import io.acclimate.runtime.train.Losses;
import io.acclimate.runtime.train.ParameterSet;
import io.acclimate.tta.DifferentiableModel;
import java.util.Set;
import org.apache.commons.rng.UniformRandomProvider;
import org.junit.jupiter.api.Test;

/** Batch sizes, batch statistics, parameter groups. */
class AdaptableModelTest {
  private static final int SIDE = 4;
  private static final int CLASSES = 3;

  private static Tensor images(int rows) {
    UniformRandomProvider random = SeedTree.of(rows).generator();
    Tensor images = Tensor.allocate(DType.FLOAT32, rows, 2, SIDE, SIDE);
    for (int i = 0; i < images.elements(); i++) {
      images.floats().put(i, 3 * random.nextFloat() + 1);
    }
    return images;
  }

  private static String loss(LossGraph graph) {
    String entropy = Losses.entropy(graph.ops(), graph.logits(0));
    return Losses.weightedMean(graph.ops(), entropy, graph.weights());
  }

  @Test
  void sizesAreRoundedUpByAQuarterAtMost() {
    for (int rows = 1; rows < 3000; rows++) {
      int size = AdaptableModel.roundedUp(rows);
      assertTrue(size >= rows && size <= Math.max(rows, 1.25 * rows), rows + " -> " + size);
      assertEquals(size, AdaptableModel.roundedUp(size));
    }
    assertEquals(64, AdaptableModel.roundedUp(64));
    assertEquals(200, AdaptableModel.roundedUp(200) - 24);
  }

  /** Two streams on one model: one session for both, with the bits of one for each. */
  @Test
  void streamsWithEqualGraphsShareTheirSessions() {
    DifferentiableModel network = Networks.withBatchNorm(2, SIDE, CLASSES);
    AdaptableModel one = AdaptableModel.of(network, WeightScope.NORM, AdaptableModelTest::loss);
    AdaptableModel two = AdaptableModel.of(network, WeightScope.NORM, AdaptableModelTest::loss);
    double[] first = gradients(one, images(4), 0.5f);
    double[] second = gradients(two, images(3), 2);
    assertEquals(2, network.sessions().size(), "one for each of two sizes");
    double[] again = gradients(two, images(4), 0.5f);
    assertEquals(2, network.sessions().size());
    assertArrayEquals(first, again);
    one.close();
    assertArrayEquals(second, gradients(two, images(3), 2));
    two.close();
    assertEquals(0, network.sessions().size());
    try (AdaptableModel alone =
        AdaptableModel.of(
            Networks.withBatchNorm(2, SIDE, CLASSES), WeightScope.NORM, AdaptableModelTest::loss)) {
      assertArrayEquals(first, gradients(alone, images(4), 0.5f));
      assertArrayEquals(second, gradients(alone, images(3), 2));
    }
  }

  /** With parameters of the stream's own. */
  private static double[] gradients(AdaptableModel model, Tensor batch, float scale) {
    ParameterSet own = model.source().copy();
    own.tensors().values().forEach(values -> values.floats().put(0, scale));
    SizedModel sized = model.load(batch);
    sized.backward(own);
    double[] values = new double[sized.gradients().size()];
    sized.gradients().read(0, values, values.length);
    return values;
  }

  /** Rows that fill a batch up count neither in the loss nor in the batch's statistics. */
  @Test
  void fillingUpChangesNothing() {
    DifferentiableModel network = Networks.withBatchNorm(2, SIDE, CLASSES);
    Tensor nine = images(9);
    try (AdaptableModel model =
        AdaptableModel.of(network, WeightScope.NORM, AdaptableModelTest::loss)) {
      SizedModel filled = model.load(nine);
      assertEquals(10, filled.capacity());
      double loss = filled.backward(model.source());
      double[] expected = logitsByHand(network, nine);
      assertArrayEquals(expected, filled.logits(), 1e-4);
      double sum = 0;
      for (int i = 0; i < 9; i++) {
        sum += entropy(expected, i);
      }
      assertEquals(sum / 9, loss, 1e-4);
      assertEquals(Set.of("bn.weight", "bn.bias"), model.source().types().keySet());
    }
  }

  private static double entropy(double[] logits, int row) {
    double[] answer = java.util.Arrays.copyOfRange(logits, row * CLASSES, (row + 1) * CLASSES);
    Rows.softmax(answer, 1, CLASSES);
    return Rows.entropy(answer, 0, CLASSES);
  }

  /** The convolutional network with batch statistics, in plain loops. */
  private static double[] logitsByHand(DifferentiableModel network, Tensor images) {
    var weights = network.graphs().open().constants();
    double[] kernel = weights.get("kernel").toDoubles();
    double[] scale = weights.get("bn.weight").toDoubles();
    double[] shift = weights.get("bn.bias").toDoubles();
    double[] head = weights.get("head.weight").toDoubles();
    int rows = (int) images.dim(0);
    int places = SIDE * SIDE;
    double[] logits = new double[rows * CLASSES];
    for (int channel = 0; channel < 6; channel++) {
      double[] values = new double[rows * places];
      for (int i = 0; i < values.length; i++) {
        values[i] = convolved(images, kernel, i / places, channel, i % places);
      }
      double mean = java.util.Arrays.stream(values).average().orElseThrow();
      double variance =
          java.util.Arrays.stream(values).map(v -> (v - mean) * (v - mean)).average().orElseThrow();
      for (int i = 0; i < values.length; i++) {
        double normalised = (values[i] - mean) / Math.sqrt(variance + 1e-5);
        double active = Math.max(0, normalised * scale[channel] + shift[channel]) / places;
        for (int c = 0; c < CLASSES; c++) {
          logits[i / places * CLASSES + c] += active * head[channel * CLASSES + c];
        }
      }
    }
    return logits;
  }

  private static double convolved(Tensor images, double[] kernel, int row, int out, int place) {
    double sum = 0;
    for (int in = 0; in < 2; in++) {
      for (int dy = -1; dy <= 1; dy++) {
        for (int dx = -1; dx <= 1; dx++) {
          int y = place / SIDE + dy;
          int x = place % SIDE + dx;
          if (y >= 0 && y < SIDE && x >= 0 && x < SIDE) {
            double weight = kernel[((out * 2 + in) * 3 + dy + 1) * 3 + dx + 1];
            sum += weight * images.floats().get(((row * 2 + in) * SIDE + y) * SIDE + x);
          }
        }
      }
    }
    return sum;
  }

  @Test
  void allWeightsAreThoseOfTheFileWithoutRunningStatistics() {
    try (AdaptableModel model =
        AdaptableModel.of(
            Networks.withBatchNorm(2, SIDE, CLASSES), WeightScope.ALL, AdaptableModelTest::loss)) {
      assertEquals(
          Set.of("kernel", "bn.weight", "bn.bias", "head.weight"), model.source().types().keySet());
    }
  }

  @Test
  void aModelWithoutNormalisationIsRefused() {
    GraphBuilder graph = new GraphBuilder("plain");
    String x = Networks.input(graph, DType.FLOAT32, 3);
    graph.output("logits", graph.ops().add(x, 1));
    DifferentiableModel network = Networks.model(graph);
    AcclimateException error =
        assertThrows(
            AcclimateException.class,
            () -> AdaptableModel.of(network, WeightScope.NORM, AdaptableModelTest::loss));
    assertTrue(error.getMessage().contains("no normalisation layer"), error.getMessage());
  }
}
