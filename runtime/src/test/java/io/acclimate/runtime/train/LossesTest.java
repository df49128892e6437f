package io.acclimate.runtime.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.acclimate.runtime.DType;
import io.acclimate.runtime.Device;
import io.acclimate.runtime.GraphSession;
import io.acclimate.runtime.ModelOptions;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.graph.GraphBuilder;
import io.acclimate.runtime.graph.OnnxFormat;
import io.acclimate.runtime.graph.Ops;
import io.acclimate.runtime.graph.ValueType;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** Losses by sample against their formulas, written out for two rows of logits. */
class LossesTest {
  private static final double[][] LOGITS = {{1, -2, 0.5}, {0, 3, -1}};
  private static final double[][] OTHER = {{0.2, 0.1, -1}, {2, 2, 0}};

  private static double[] softmax(double[] z) {
    double sum = 0;
    double[] p = new double[z.length];
    for (int c = 0; c < z.length; c++) {
      p[c] = Math.exp(z[c]);
      sum += p[c];
    }
    for (int c = 0; c < z.length; c++) {
      p[c] /= sum;
    }
    return p;
  }

  /** - sum a log b. */
  private static double cross(double[] a, double[] b) {
    double sum = 0;
    for (int c = 0; c < a.length; c++) {
      sum -= a[c] * Math.log(b[c]);
    }
    return sum;
  }

  private static double[] run(Function<Ops, String> loss) {
    GraphBuilder graph = new GraphBuilder("loss");
    graph.input("z", ValueType.of(DType.FLOAT64, 2, 3));
    graph.input("other", ValueType.of(DType.FLOAT64, 2, 3));
    graph.input("labels", ValueType.of(DType.INT64, 2));
    graph.input("mask", ValueType.of(DType.FLOAT64, 3));
    graph.input("weights", ValueType.of(DType.FLOAT64, 2));
    graph.output("loss", loss.apply(graph.ops()));
    Tensor result = graph.type("loss").allocate();
    try (GraphSession session =
        GraphSession.open(
            "loss", OnnxFormat.toBytes(graph.build()), new ModelOptions(Device.CPU, 1))) {
      session.run(
          Map.of(
              "z", rows(LOGITS),
              "other", rows(OTHER),
              "labels", Tensor.ofLongs(new long[] {2, 1}, 2),
              "mask", Tensor.ofDoubles(new double[] {1, 0, 1}, 3),
              "weights", Tensor.ofDoubles(new double[] {3, 1}, 2)),
          Map.of("loss", result));
    }
    return result.toDoubleArray();
  }

  private static Tensor rows(double[][] rows) {
    double[] flat = {rows[0][0], rows[0][1], rows[0][2], rows[1][0], rows[1][1], rows[1][2]};
    return Tensor.ofDoubles(flat, 2, 3);
  }

  private static void assertRows(double one, double two, double[] found) {
    assertEquals(2, found.length);
    assertEquals(one, found[0], 1e-12);
    assertEquals(two, found[1], 1e-12);
  }

  @Test
  void crossEntropyIsMinusTheLogarithmOfTheTrueClass() {
    assertRows(
        -Math.log(softmax(LOGITS[0])[2]),
        -Math.log(softmax(LOGITS[1])[1]),
        run(ops -> Losses.crossEntropy(ops, "z", "labels")));
  }

  @Test
  void entropyAndDivergenceFollowTheirFormulas() {
    double[] p = softmax(LOGITS[0]);
    double[] q = softmax(LOGITS[1]);
    assertRows(cross(p, p), cross(q, q), run(ops -> Losses.entropy(ops, "z")));
    double[] a = softmax(OTHER[0]);
    double[] b = softmax(OTHER[1]);
    assertRows(
        cross(a, p) - cross(a, a),
        cross(b, q) - cross(b, b),
        run(ops -> Losses.kl(ops, "z", "other")));
    assertRows(
        (cross(a, p) + cross(p, a)) / 2,
        (cross(b, q) + cross(q, b)) / 2,
        run(ops -> Losses.symmetricCrossEntropy(ops, "z", "other")));
  }

  @Test
  void closedClassesTakeNoPart() {
    double[] p = softmax(new double[] {1, 0.5});
    double[] found = run(ops -> ops.softmax(Losses.openClasses(ops, "z", "mask"), -1));
    assertEquals(p[0], found[0], 1e-12);
    assertEquals(0, found[1]);
    assertEquals(p[1], found[2], 1e-12);
  }

  @Test
  void weightsDecideWhatASampleCounts() {
    double[] bySample = run(ops -> Losses.crossEntropy(ops, "z", "labels"));
    double[] found =
        run(ops -> Losses.weightedMean(ops, Losses.crossEntropy(ops, "z", "labels"), "weights"));
    assertEquals(1, found.length);
    assertEquals((3 * bySample[0] + bySample[1]) / 4, found[0], 1e-12);
    assertTrue(
        found[0] != run(ops -> Losses.mean(ops, Losses.crossEntropy(ops, "z", "labels")))[0]);
  }
}
