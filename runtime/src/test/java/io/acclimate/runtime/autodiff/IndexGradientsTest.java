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
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IndexGradientsTest {
  private static FiniteDifferences twice(long[]... shapes) {
    return FiniteDifferences.of(shapes).secondOrder();
  }

  private static String indices(Ops ops, long[] values, long... shape) {
    return ops.graph().constant(Constant.ofLongs(values, shape));
  }

  @Test
  void gatherAlongEveryAxisWithIndicesOfEveryRank() {
    long[] data = shape(3, 4, 3);
    for (int axis = -3; axis < 3; axis++) {
      Attributes attributes = Attributes.of("axis", axis);
      long[][] picks = {{1}, {0, 2}, {2, 1, 0}, {1, 2}, {-1, 0, 0, -1}, {-2, -1}};
      for (long[] pick : picks) {
        twice(data)
            .check((ops, x) -> ops.exp(ops.op("Gather", attributes, x.get(0), ops.list(pick))));
      }
      twice(data)
          .check(
              (ops, x) ->
                  ops.exp(
                      ops.op(
                          "Gather",
                          attributes,
                          x.get(0),
                          indices(ops, shape(0, 2, -1, 2), 2, 1, 2))));
      for (long scalar : shape(0, 2, -1)) {
        twice(data)
            .check(
                (ops, x) ->
                    ops.exp(ops.op("Gather", attributes, x.get(0), indices(ops, shape(scalar)))));
      }
    }
  }

  @Test
  void gatherOfIndicesThatAreComputed() {
    twice(shape(1, 4))
        .check(
            (ops, x) -> {
              String column =
                  ops.cast(ops.op("ArgMax", Attributes.of("axis", 1), x.get(0)), DType.INT32);
              return ops.exp(ops.gather(x.get(0), column, -1));
            });
  }

  @Test
  void gatherElements() {
    twice(shape(3, 4))
        .check(
            (ops, x) ->
                ops.exp(
                    ops.op(
                        "GatherElements",
                        Attributes.of("axis", -1),
                        x.get(0),
                        indices(ops, shape(0, -1, 0, 2, 2, 1), 2, 3))));
    twice(shape(3, 1))
        .check(
            (ops, x) ->
                ops.exp(
                    ops.op(
                        "GatherElements",
                        Attributes.NONE,
                        x.get(0),
                        indices(ops, shape(2, 2, 0, -3), 4, 1))));
  }

  @Test
  void gatherNd() {
    twice(shape(2, 3, 2))
        .check(
            (ops, x) ->
                ops.exp(
                    ops.op(
                        "GatherND",
                        Attributes.NONE,
                        x.get(0),
                        indices(ops, shape(0, 1, 1, -1, 0, 1), 3, 2))));
    twice(shape(2, 3, 2))
        .check(
            (ops, x) ->
                ops.exp(
                    ops.op(
                        "GatherND",
                        Attributes.of("batch_dims", 1),
                        x.get(0),
                        indices(ops, shape(2, 0, -1, 0), 2, 2, 1))));
    twice(shape(2, 2, 3, 2))
        .check(
            (ops, x) ->
                ops.exp(
                    ops.op(
                        "GatherND",
                        Attributes.of("batch_dims", 2),
                        x.get(0),
                        indices(ops, shape(2, 1, 0, 0, -1, 1, 1, 0), 2, 2, 2))));
  }

  @ParameterizedTest
  @ValueSource(strings = {"none", "add", "max", "min"})
  void scatterElements(String reduction) {
    for (int axis : new int[] {0, -1}) {
      Attributes attributes = Attributes.of("axis", axis).and("reduction", reduction);
      twice(shape(3, 4), shape(2, 2))
          .check(
              (ops, x) ->
                  ops.exp(
                      ops.op(
                          "ScatterElements",
                          attributes,
                          x.get(0),
                          indices(ops, shape(0, 1, 2, -1), 2, 2),
                          x.get(1))));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"none", "add", "max", "min"})
  void scatterNd(String reduction) {
    Attributes attributes = Attributes.of("reduction", reduction);
    twice(shape(3, 2), shape(2, 2))
        .check(
            (ops, x) ->
                ops.exp(
                    ops.op(
                        "ScatterND",
                        attributes,
                        x.get(0),
                        indices(ops, shape(-1, 0), 2, 1),
                        x.get(1))));
    twice(shape(3, 2), shape(2))
        .check(
            (ops, x) ->
                ops.exp(
                    ops.op(
                        "ScatterND",
                        attributes,
                        x.get(0),
                        indices(ops, shape(0, 1, 2, -1), 2, 2),
                        x.get(1))));
  }

  @ParameterizedTest
  @ValueSource(strings = {"add", "max", "min"})
  void scatterToOnePlaceSeveralTimes(String reduction) {
    Attributes attributes = Attributes.of("reduction", reduction);
    twice(shape(2, 1), shape(3, 1))
        .check(
            (ops, x) ->
                ops.exp(
                    ops.op(
                        "ScatterElements",
                        attributes,
                        x.get(0),
                        indices(ops, shape(1, 1, 1), 3, 1),
                        x.get(1))));
    twice(shape(2, 2), shape(3, 2))
        .check(
            (ops, x) ->
                ops.exp(
                    ops.op(
                        "ScatterND",
                        attributes,
                        x.get(0),
                        indices(ops, shape(0, 0, 0), 3, 1),
                        x.get(1))));
  }

  @Test
  void productsOfUpdatesAreRefused() {
    GraphBuilder graph = new GraphBuilder("scatter");
    String x = graph.input("x", ValueType.of(DType.FLOAT32, 3));
    Ops ops = graph.ops();
    String y =
        ops.op(
            "ScatterND",
            Attributes.of("reduction", "mul"),
            x,
            indices(ops, shape(1), 1, 1),
            ops.slice(x, 0, 0, 1));
    String loss = ops.reduceSum(y, false);
    AcclimateException e =
        assertThrows(AcclimateException.class, () -> Autodiff.gradients(graph, loss, List.of("x")));
    assertTrue(e.getMessage().contains("reduction 'mul' has no gradient rule"), e.getMessage());
  }

  @ParameterizedTest
  @CsvSource({"0,1,1", "-1,1,0", "-1,0,1", "1,0,0"})
  void topK(int axis, int largest, int sorted) {
    Attributes attributes =
        Attributes.of("axis", axis).and("largest", largest).and("sorted", sorted);
    twice(shape(3, 4))
        .check(
            (ops, x) ->
                ops.exp(ops.graph().nodes("TopK", attributes, 2, x.get(0), ops.list(2)).get(0)));
  }

  @Test
  void trilu() {
    for (boolean upper : new boolean[] {true, false}) {
      Attributes attributes = Attributes.of("upper", upper);
      twice(shape(2, 3, 4)).check((ops, x) -> ops.exp(ops.op("Trilu", attributes, x.get(0))));
      for (long k : shape(-1, 1)) {
        twice(shape(3, 3))
            .check(
                (ops, x) -> ops.exp(ops.op("Trilu", attributes, x.get(0), indices(ops, shape(k)))));
      }
    }
  }

  @Test
  void eyeLikeDependsOnTheShapeAlone() {
    twice(shape(2, 2))
        .check(
            (ops, x) -> ops.exp(ops.mul(x.get(0), ops.op("EyeLike", Attributes.NONE, x.get(0)))));
  }

  @ParameterizedTest
  @CsvSource({"0,0", "0,1", "1,0", "1,1"})
  void cumSum(int exclusive, int reverse) {
    Attributes attributes = Attributes.of("exclusive", exclusive).and("reverse", reverse);
    for (long axis : shape(0, 1, -1)) {
      twice(shape(3, 2))
          .check(
              (ops, x) ->
                  ops.exp(ops.op("CumSum", attributes, x.get(0), indices(ops, shape(axis)))));
    }
  }

  @Test
  void oneHotValues() {
    for (int axis : new int[] {-1, 0, 1}) {
      LinearCheck.check(
          shape(2),
          (ops, values) ->
              ops.op(
                  "OneHot",
                  Attributes.of("axis", axis),
                  indices(ops, shape(0, 2, -1, 5), 2, 2),
                  indices(ops, shape(3)),
                  values));
    }
  }
}
