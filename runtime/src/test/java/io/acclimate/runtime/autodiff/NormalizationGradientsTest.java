package io.acclimate.runtime.autodiff;

import static io.acclimate.runtime.autodiff.FiniteDifferences.shape;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.graph.Attributes;
import io.acclimate.runtime.graph.Constant;
import io.acclimate.runtime.graph.GraphBuilder;
import io.acclimate.runtime.graph.Ops;
import io.acclimate.runtime.graph.ValueType;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NormalizationGradientsTest {
  private static String op(Ops ops, String op, Attributes attributes, List<String> x) {
    return ops.op(op, attributes, x.toArray(String[]::new));
  }

  @ParameterizedTest
  @ValueSource(strings = {"LayerNormalization", "RMSNormalization"})
  void everyAxisOfLayers(String op) {
    long[] x = shape(2, 1, 3, 4);
    Object[][] cases = {
      {-1, shape(4)},
      {3, shape(1)},
      {2, shape(3, 4)},
      {-2, shape(4)},
      {1, shape(1, 3, 1)},
      {0, shape(2, 1, 3, 4)}
    };
    for (Object[] choice : cases) {
      Attributes attributes = Attributes.of("axis", choice[0]);
      long[] scale = (long[]) choice[1];
      FiniteDifferences.of(x, scale).check((ops, in) -> op(ops, op, attributes, in));
      if (op.equals("LayerNormalization")) {
        FiniteDifferences.of(x, scale, scale).check((ops, in) -> op(ops, op, attributes, in));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"LayerNormalization,3", "RMSNormalization,2"})
  void secondOrderOfLayers(String op, int operands) {
    long[][] shapes = {shape(1, 2, 4), shape(4), shape(4)};
    FiniteDifferences.of(Arrays.copyOf(shapes, operands))
        .secondOrder()
        .check((ops, x) -> ops.tanh(op(ops, op, Attributes.of("epsilon", 0.1), x)));
  }

  @Test
  void statisticsOfLayersAreDifferentiableToo() {
    for (int result = 0; result < 3; result++) {
      int used = result;
      FiniteDifferences.of(shape(2, 3, 4), shape(4))
          .check(
              (ops, x) -> {
                List<String> results =
                    ops.graph().nodes("LayerNormalization", Attributes.NONE, 3, x.get(0), x.get(1));
                return ops.add(ops.mul(x.get(1), 0), ops.cast(results.get(used), DType.FLOAT64));
              });
    }
  }

  @Test
  void knownScaleOfOne() {
    FiniteDifferences.of(shape(2, 4))
        .secondOrder()
        .check(
            (ops, x) -> {
              Constant one = Constant.ofDoubles(DType.FLOAT64, new double[] {1}, 1);
              return ops.op(
                  "LayerNormalization", Attributes.NONE, x.get(0), ops.graph().constant(one));
            });
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 4})
  void groupsWithScalesPerGroupAndPerChannel(long groups) {
    Attributes attributes = Attributes.of("num_groups", groups).and("epsilon", 0.01);
    for (long[] x : new long[][] {shape(2, 4, 3), shape(1, 4, 2, 2), shape(2, 4, 2, 1, 2)}) {
      for (long scales : new long[] {groups, 4}) {
        FiniteDifferences.of(x, shape(scales), shape(scales))
            .check((ops, in) -> op(ops, "GroupNormalization", attributes, in));
      }
    }
    FiniteDifferences.of(shape(1, 4, 3), shape(4), shape(4))
        .secondOrder()
        .check((ops, in) -> ops.tanh(op(ops, "GroupNormalization", attributes, in)));
  }

  @Test
  void instances() {
    for (long[] x : new long[][] {shape(2, 3, 4), shape(1, 3, 2, 2)}) {
      FiniteDifferences.of(x, shape(3), shape(3))
          .secondOrder()
          .check((ops, in) -> ops.tanh(op(ops, "InstanceNormalization", Attributes.NONE, in)));
    }
  }

  @Test
  void batchesWithFixedStatistics() {
    for (long[] x : new long[][] {shape(2, 3), shape(1, 3, 4), shape(2, 3, 1, 2)}) {
      FiniteDifferences.of(x, shape(3), shape(3), shape(3), shape(3))
          .with(u -> u + 1.5)
          .secondOrder()
          .check((ops, in) -> ops.tanh(op(ops, "BatchNormalization", Attributes.NONE, in)));
    }
  }

  @Test
  void batchesInTrainingModeAreRefused() {
    GraphBuilder graph = new GraphBuilder("batch");
    String x = graph.input("x", ValueType.of(DType.FLOAT32, 2, 3));
    String v = graph.input("v", ValueType.of(DType.FLOAT32, 3));
    Attributes training = Attributes.of("training_mode", 1);
    String y = graph.node("BatchNormalization", training, x, v, v, v, v);
    String loss = graph.ops().reduceSum(y, false);
    AcclimateException error =
        assertThrows(AcclimateException.class, () -> Autodiff.gradients(graph, loss, List.of(x)));
    assertTrue(error.getMessage().contains("training mode"), error.getMessage());
  }

  @ParameterizedTest
  @ValueSource(strings = {"none", "sum", "mean"})
  void crossEntropy(String reduction) {
    Attributes plain = Attributes.of("reduction", reduction);
    for (Attributes attributes :
        List.of(plain, plain.and("ignore_index", 2), plain.and("ignore_index", -7))) {
      for (boolean weighted : new boolean[] {false, true}) {
        crossEntropy(attributes, weighted, shape(3, 4), shape(3), 2, 0, -7);
        crossEntropy(attributes, weighted, shape(2, 4, 2), shape(2, 2), 1, 2, 3, 0);
      }
    }
  }

  /** Labels that are below zero are given only to a loss that ignores them. */
  private static void crossEntropy(
      Attributes attributes, boolean weighted, long[] scores, long[] shape, long... labels) {
    long[] used = labels.clone();
    for (int i = 0; i < used.length; i++) {
      used[i] = attributes.integer("ignore_index", 0) == -7 ? used[i] : Math.abs(used[i]) % 4;
    }
    FiniteDifferences.of(scores, shape(4))
        .with(u -> u + 2)
        .secondOrder()
        .check(
            (ops, x) -> {
              String label = ops.graph().constant(Constant.ofLongs(used, shape));
              String op = "SoftmaxCrossEntropyLoss";
              String loss =
                  weighted
                      ? ops.op(op, attributes, x.get(0), label, x.get(1))
                      : ops.op(op, attributes, x.get(0), label);
              return ops.mul(loss, ops.reduceSum(ops.mul(x.get(1), x.get(1)), false));
            });
  }

  @Test
  void logProbabilitiesOfCrossEntropyAreDifferentiableToo() {
    FiniteDifferences.of(shape(2, 3))
        .check(
            (ops, x) -> {
              String labels = ops.list(2, 0);
              List<String> results =
                  ops.graph()
                      .nodes("SoftmaxCrossEntropyLoss", Attributes.NONE, 2, x.get(0), labels);
              return ops.mul(results.get(0), results.get(1));
            });
  }
}
