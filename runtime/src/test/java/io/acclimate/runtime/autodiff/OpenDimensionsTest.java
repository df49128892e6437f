package io.acclimate.runtime.autodiff;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.acclimate.runtime.DType;
import io.acclimate.runtime.Device;
import io.acclimate.runtime.GraphSession;
import io.acclimate.runtime.ModelOptions;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.graph.Attributes;
import io.acclimate.runtime.graph.Constant;
import io.acclimate.runtime.graph.Dim;
import io.acclimate.runtime.graph.GraphBuilder;
import io.acclimate.runtime.graph.OnnxFormat;
import io.acclimate.runtime.graph.Ops;
import io.acclimate.runtime.graph.Shape;
import io.acclimate.runtime.graph.ValueType;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;

/** Gradients of graphs with a symbolic dimension, run with several sizes on one session. */
class OpenDimensionsTest {
  private static final double STEP = 1e-5;
  private static final double TOLERANCE = 1e-6;
  private static final Dim RANK = Dim.symbol("r");
  private static final long[] RANKS = {1, 3, 8, 0};

  private final Map<String, ValueType> inputs = new LinkedHashMap<>();

  private void input(String name, Dim... dims) {
    inputs.put(name, new ValueType(DType.FLOAT64, new Shape(List.of(dims))));
  }

  /** Differentiates twice, then compares with central differences for each rank. */
  private void check(BiFunction<Ops, List<String>, String> body) {
    GraphBuilder graph = new GraphBuilder("open");
    inputs.forEach(graph::input);
    List<String> names = List.copyOf(inputs.keySet());
    Ops ops = graph.ops();
    String loss = ops.reduceSum(ops.exp(body.apply(ops, names)), false);
    Map<String, String> first = Autodiff.gradients(graph, loss, names);
    String second = loss;
    for (String gradient : first.values()) {
      second = ops.add(second, ops.reduceSum(ops.mul(gradient, gradient), false));
    }
    Map<String, String> gradients = Autodiff.gradients(graph, second, names);
    graph.output("loss", second);
    gradients.forEach((name, gradient) -> graph.output("gradient." + name, gradient));
    try (GraphSession session =
        GraphSession.open(
            "open", OnnxFormat.toBytes(graph.build()), new ModelOptions(Device.CPU, 1))) {
      for (long rank : RANKS) {
        compare(session, rank);
      }
    }
  }

  private void compare(GraphSession session, long rank) {
    Random random = new Random(rank);
    Map<String, Tensor> feeds = new LinkedHashMap<>();
    Map<String, Tensor> results = new LinkedHashMap<>();
    results.put("loss", Tensor.allocate(DType.FLOAT64));
    inputs.forEach(
        (name, type) -> {
          long[] sizes = type.shape().sizes();
          Arrays.setAll(sizes, axis -> sizes[axis] < 0 ? rank : sizes[axis]);
          feeds.put(name, Tensor.allocate(DType.FLOAT64, sizes));
          results.put("gradient." + name, Tensor.allocate(DType.FLOAT64, sizes));
          for (int i = 0; i < feeds.get(name).elements(); i++) {
            feeds.get(name).doubles().put(i, random.nextDouble() - 0.5);
          }
        });
    session.run(feeds, results);
    Map<String, double[]> derived = new LinkedHashMap<>();
    inputs
        .keySet()
        .forEach(name -> derived.put(name, results.get("gradient." + name).toDoubleArray()));
    for (String name : inputs.keySet()) {
      Tensor input = feeds.get(name);
      for (int i = 0; i < input.elements(); i++) {
        double at = input.doubles().get(i);
        double up = loss(session, feeds, results, input, i, at + STEP);
        double down = loss(session, feeds, results, input, i, at - STEP);
        input.doubles().put(i, at);
        double expected = (up - down) / (2 * STEP);
        assertEquals(
            expected,
            derived.get(name)[i],
            TOLERANCE * Math.max(1, Math.abs(expected)),
            "%s[%d] at rank %d".formatted(name, i, rank));
      }
    }
  }

  private static double loss(
      GraphSession session,
      Map<String, Tensor> feeds,
      Map<String, Tensor> results,
      Tensor input,
      int index,
      double value) {
    input.doubles().put(index, value);
    session.run(feeds, results);
    return results.get("loss").doubles().get(0);
  }

  @Test
  void lowRankAdaptation() {
    input("x", Dim.of(2), Dim.of(3), Dim.of(4));
    input("a", RANK, Dim.of(4));
    input("b", Dim.of(2), RANK);
    check(
        (ops, x) ->
            ops.matMul(
                ops.matMul(x.get(0), ops.transposeLast(x.get(1))), ops.transposeLast(x.get(2))));
  }

  @Test
  void lowRankAdaptationByGemmAndByEinsum() {
    input("x", Dim.of(3), Dim.of(4));
    input("a", RANK, Dim.of(4));
    input("b", Dim.of(2), RANK);
    Attributes transposed = Attributes.of("transB", true);
    check(
        (ops, x) -> {
          String inner = ops.op("Gemm", transposed, x.get(0), x.get(1));
          String outer = ops.op("Gemm", transposed, inner, x.get(2));
          return ops.add(outer, ops.einsum("ti,ri,or->to", x.toArray(String[]::new)));
        });
  }

  @Test
  void gatedLowRankAdaptation() {
    input("x", Dim.of(2), Dim.of(4));
    input("a", RANK, Dim.of(4));
    input("gate", RANK);
    input("b", Dim.of(2), RANK);
    check(
        (ops, x) -> {
          String inner = ops.matMul(x.get(0), ops.transposeLast(x.get(1)));
          return ops.matMul(ops.mul(inner, x.get(2)), ops.transposeLast(x.get(3)));
        });
  }

  @Test
  void factorsJoinedToTwiceTheRank() {
    input("x", Dim.of(2), Dim.of(3));
    input("a", RANK, Dim.of(3));
    input("a0", RANK, Dim.of(3));
    input("b", Dim.of(2), RANK);
    input("b0", Dim.of(2), RANK);
    check(
        (ops, x) -> {
          String down = ops.concat(0, x.subList(1, 3));
          String up = ops.concat(1, List.of(x.get(3), ops.neg(x.get(4))));
          return ops.matMul(ops.matMul(x.get(0), ops.transposeLast(down)), ops.transposeLast(up));
        });
  }

  @Test
  void prefixOfOpenLength() {
    input("prefix", RANK, Dim.of(3));
    input("keys", Dim.of(2), Dim.of(3));
    check(
        (ops, x) -> {
          String all = ops.concat(0, List.of(x.get(0), x.get(1)));
          String square = ops.matMul(ops.transposeLast(all), all);
          return ops.add(square, ops.gather(all, ops.list(-1), 0));
        });
  }

  @Test
  void picksAlongAndBesideTheOpenAxis() {
    input("pool", Dim.of(4), RANK);
    check(
        (ops, x) -> {
          String rows = ops.gather(x.get(0), ops.list(3, 0, -1), 0);
          Attributes last = Attributes.of("axis", -1);
          String moved = ops.op("Gather", last, ops.transposeLast(rows), ops.list(2, 0));
          return ops.reduceSum(ops.mul(moved, moved), false, 0);
        });
  }

  @Test
  void layoutWithAnOpenAxis() {
    input("x", Dim.of(2), RANK, Dim.of(3));
    check(
        (ops, x) -> {
          String flat = ops.op("Flatten", Attributes.of("axis", 2), x.get(0));
          String back = ops.reshapeLike(flat, x.get(0));
          String tiled = ops.op("Tile", Attributes.NONE, back, ops.list(1, 2, 1));
          String padded = ops.op("Pad", Attributes.NONE, tiled, ops.list(0, 1, 0, 0, 2, 0));
          String squares = ops.mul(padded, padded);
          return ops.add(
              ops.reduceSum(squares, false, 1),
              ops.reduceSum(ops.expandLike(ops.reduceSum(x.get(0), true, 0), x.get(0)), false, 1));
        });
  }

  @Test
  void slicesOfAnOpenAxis() {
    input("x", Dim.of(2), RANK);
    check(
        (ops, x) -> {
          String reversed =
              ops.op(
                  "Slice",
                  Attributes.NONE,
                  x.get(0),
                  ops.list(-1),
                  ops.list(Long.MIN_VALUE),
                  ops.list(1),
                  ops.list(-2));
          String front = ops.slice(x.get(0), 1, 0, 2);
          return ops.add(
              ops.reduceSum(ops.mul(reversed, reversed), false, 1),
              ops.reduceSum(ops.mul(front, front), false, 1));
        });
  }

  @Test
  void elementsPickedAndPlacedInAnOpenAxis() {
    input("x", Dim.of(2), RANK);
    input("updates", RANK);
    check(
        (ops, x) -> {
          String row = ops.list(1);
          String placed =
              ops.op(
                  "ScatterND",
                  Attributes.of("reduction", "add"),
                  x.get(0),
                  ops.unsqueeze(row, 0),
                  ops.unsqueeze(x.get(1), 0));
          String picked =
              ops.op(
                  "GatherND",
                  Attributes.NONE,
                  placed,
                  ops.graph().constant(Constant.ofLongs(new long[] {0, 1, 1}, 3, 1)));
          String sums =
              ops.op(
                  "CumSum",
                  Attributes.NONE,
                  picked,
                  ops.graph().constant(Constant.ofLongs(new long[] {1})));
          return ops.reduceSum(ops.mul(sums, sums), false, 1);
        });
  }
}
