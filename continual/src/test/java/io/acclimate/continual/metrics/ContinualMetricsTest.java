package io.acclimate.continual.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.acclimate.continual.Golden;
import io.acclimate.runtime.AcclimateException;
import java.util.Arrays;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ContinualMetricsTest {
  private static final JsonNode GOLDEN = Golden.read("cl_metrics");
  private static final double TOLERANCE = GOLDEN.get("tolerance_abs").doubleValue();

  static Stream<JsonNode> cases() {
    return StreamSupport.stream(GOLDEN.get("cases").spliterator(), false);
  }

  private static ContinualMetrics metrics(JsonNode accuracy) {
    long[] samples = new long[accuracy.size()];
    Arrays.fill(samples, 100);
    return new ContinualMetrics(Golden.matrix(accuracy), samples);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void agreesWithThreeLibraries(JsonNode one) {
    JsonNode expected = one.get("expected");
    JsonNode pilot = expected.get("pilot");
    for (String kind : new String[] {"acc_full", "acc_lower"}) {
      ContinualMetrics metrics = metrics(one.get(kind));
      assertEquals(one.get("num_tasks").intValue(), metrics.tasks());
      assertClose(pilot.get("forgetting"), metrics.forgetting());
      assertClose(pilot.get("average_accuracy_over_stages"), metrics.averageAccuracy());
      assertClose(pilot.get("last_stage_mean"), metrics.lastAccuracy());
      assertClose(expected.get("mammoth").get("forgetting"), metrics.forgetting());
      assertClose(expected.get("mammoth").get("backward_transfer"), metrics.backwardTransfer());
      for (JsonNode stage : expected.get("avalanche").get("per_task")) {
        assertClose(
            stage.get("stream_forgetting"),
            metrics.signedForgetting(stage.get("after_task").intValue()));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void forwardTransferNeedsTheNextTasksAccuracy(JsonNode one) {
    JsonNode random = one.get("random_init_acc");
    double[] untrained = new double[random.size()];
    Arrays.setAll(untrained, task -> random.get(task).doubleValue());
    assertClose(
        one.get("expected").get("mammoth").get("forward_transfer"),
        metrics(one.get("acc_full")).forwardTransfer(untrained).orElseThrow());
    assertTrue(metrics(one.get("acc_lower")).forwardTransfer(untrained).isEmpty());
  }

  @Test
  void largeTasksCountForMore() {
    ContinualMetrics metrics =
        new ContinualMetrics(new double[][] {{0.5}, {0.25, 1}}, new long[] {300, 100});
    assertEquals(0.4375, metrics.lastAccuracy());
    assertEquals((0.5 + 0.4375) / 2, metrics.averageAccuracy());
  }

  @Test
  void oneTaskForgetsNothing() {
    ContinualMetrics metrics = new ContinualMetrics(new double[][] {{0.5}}, new long[] {3});
    assertEquals(0, metrics.forgetting());
    assertEquals(0, metrics.signedForgetting());
    assertEquals(0, metrics.backwardTransfer());
    assertTrue(metrics.forwardTransfer(new double[] {0}).isEmpty());
  }

  @Test
  void refusesWhatIsNoAccuracyMatrix() {
    long[] two = {1, 1};
    for (double[][] wrong :
        new double[][][] {{{1}, {1}}, {{1}, {1, Double.NaN}}, {{1, 1, 1}, {1, 1}}, {{1}}}) {
      assertThrows(AcclimateException.class, () -> new ContinualMetrics(wrong, two));
    }
    double[][] right = {{1}, {1, 1}};
    AcclimateException empty =
        assertThrows(
            AcclimateException.class, () -> new ContinualMetrics(right, new long[] {1, 0}));
    assertTrue(empty.getMessage().contains("stage 1"), empty.getMessage());
  }

  private static void assertClose(JsonNode expected, double found) {
    assertEquals(expected.doubleValue(), found, TOLERANCE);
  }
}
