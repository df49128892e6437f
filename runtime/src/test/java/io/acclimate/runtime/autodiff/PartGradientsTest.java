package io.acclimate.runtime.autodiff;

import static io.acclimate.runtime.autodiff.FiniteDifferences.shape;

import io.acclimate.runtime.graph.Attributes;
import io.acclimate.runtime.graph.Constant;
import io.acclimate.runtime.graph.Ops;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PartGradientsTest {
  private static FiniteDifferences twice(long[]... shapes) {
    return FiniteDifferences.of(shapes).secondOrder();
  }

  @Test
  void concat() {
    twice(shape(2, 3), shape(2, 1), shape(2, 2)).check((ops, x) -> ops.exp(ops.concat(-1, x)));
    twice(shape(1, 3), shape(2, 3)).check((ops, x) -> ops.exp(ops.concat(0, x)));
    twice(shape(2))
        .check((ops, x) -> ops.exp(ops.concat(0, List.of(x.get(0), x.get(0), x.get(0)))));
  }

  @Test
  void splitOfWhichEveryPartIsUsed() {
    twice(shape(2, 5))
        .check(
            (ops, x) -> {
              List<String> parts =
                  ops.graph()
                      .nodes("Split", Attributes.of("axis", -1), 2, x.get(0), ops.list(2, 3));
              return ops.concat(
                  1, List.of(ops.exp(parts.get(1)), ops.mul(parts.get(0), parts.get(0))));
            });
  }

  @Test
  void splitOfWhichOnePartIsUsed() {
    Attributes uneven = Attributes.of("axis", 0).and("num_outputs", 3);
    for (int part = 0; part < 3; part++) {
      int used = part;
      twice(shape(5, 1))
          .check((ops, x) -> ops.exp(ops.graph().nodes("Split", uneven, 3, x.get(0)).get(used)));
    }
  }

  @Test
  void sliceInEveryDirection() {
    long max = Long.MAX_VALUE;
    long min = Long.MIN_VALUE;
    long[][] ranges = {
      {1, 4, 1},
      {0, max, 1},
      {-3, -1, 1},
      {1, max, 2},
      {0, 5, 3},
      {-1, min, -1},
      {-2, 0, -2},
      {4, 1, -1},
      {-100, 100, 1},
      {100, -100, -3},
      {2, 3, 1},
      {0, max, max}
    };
    for (long[] range : ranges) {
      twice(shape(2, 5))
          .check(
              (ops, x) ->
                  ops.exp(
                      slice(
                          ops,
                          x.get(0),
                          shape(range[0]),
                          shape(range[1]),
                          shape(-1),
                          shape(range[2]))));
    }
  }

  @Test
  void sliceOfSeveralAxes() {
    twice(shape(3, 1, 4))
        .check(
            (ops, x) ->
                ops.exp(
                    slice(
                        ops,
                        x.get(0),
                        shape(1, -1),
                        shape(3, Long.MIN_VALUE),
                        shape(0, 2),
                        shape(1, -2))));
    twice(shape(3, 4))
        .check(
            (ops, x) ->
                ops.exp(
                    ops.op("Slice", Attributes.NONE, x.get(0), ops.list(1, 1), ops.list(2, 4))));
  }

  @Test
  void sliceThatTakesNothing() {
    FiniteDifferences.of(shape(2, 3))
        .check(
            (ops, x) ->
                ops.add(
                    ops.reduceSum(
                        slice(ops, x.get(0), shape(2), shape(1), shape(1), shape(1)), false),
                    ops.reduceSum(ops.exp(x.get(0)), false)));
  }

  private static String slice(
      Ops ops, String x, long[] starts, long[] ends, long[] axes, long[] steps) {
    return ops.op(
        "Slice",
        Attributes.NONE,
        x,
        ops.list(starts),
        ops.list(ends),
        ops.list(axes),
        ops.list(steps));
  }

  @ParameterizedTest
  @ValueSource(strings = {"constant", "reflect", "edge", "wrap"})
  void padInEveryMode(String mode) {
    Attributes attributes = Attributes.of("mode", mode);
    long[][] pads = {{0, 1, 0, 2}, {2, 0, 1, 1}, {0, 0, 0, 0}};
    for (long[] pad : pads) {
      twice(shape(3, 4))
          .check((ops, x) -> ops.exp(ops.op("Pad", attributes, x.get(0), ops.list(pad))));
    }
    twice(shape(3, 4))
        .check(
            (ops, x) ->
                ops.exp(ops.op("Pad", attributes, x.get(0), ops.list(1, 2), "", ops.list(-1))));
  }

  @Test
  void padThatCutsOff() {
    twice(shape(4, 3))
        .check(
            (ops, x) -> ops.exp(ops.op("Pad", Attributes.NONE, x.get(0), ops.list(-1, 2, 1, -1))));
  }

  @Test
  void padWithAValueThatIsDifferentiated() {
    twice(shape(2, 3), shape())
        .check(
            (ops, x) ->
                ops.exp(ops.op("Pad", Attributes.NONE, x.get(0), ops.list(0, 1, 1, 0), x.get(1))));
  }

  @Test
  void tile() {
    for (long[] repeats : new long[][] {{2, 1, 3}, {1, 4, 1}, {1, 1, 1}}) {
      twice(shape(2, 1, 3))
          .check((ops, x) -> ops.exp(ops.op("Tile", Attributes.NONE, x.get(0), ops.list(repeats))));
    }
    twice(shape(3))
        .check(
            (ops, x) ->
                ops.exp(
                    ops.op(
                        "Tile",
                        Attributes.NONE,
                        x.get(0),
                        ops.graph().constant(Constant.ofLongs(new long[] {2}, 1)))));
  }
}
