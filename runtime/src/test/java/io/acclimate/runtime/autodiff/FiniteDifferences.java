package io.acclimate.runtime.autodiff;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.acclimate.runtime.DType;
import io.acclimate.runtime.Device;
import io.acclimate.runtime.GraphSession;
import io.acclimate.runtime.ModelOptions;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.graph.Constant;
import io.acclimate.runtime.graph.DoublePrecision;
import io.acclimate.runtime.graph.GraphBuilder;
import io.acclimate.runtime.graph.ModelGraph;
import io.acclimate.runtime.graph.OnnxFormat;
import io.acclimate.runtime.graph.Ops;
import io.acclimate.runtime.graph.ValueType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;

/**
 * Compares derived gradients with central differences in float64, element by element.
 *
 * <p>Operators without a double kernel are lowered by {@link DoublePrecision}. The loss is the sum
 * of the results times random weights, so every element counts differently.
 */
final class FiniteDifferences {
  private static final double STEP = 1e-5;
  private static final double TOLERANCE = 1e-6;

  /** The graph under test: names of float64 inputs in, one floating-point result out. */
  interface Body {
    String build(Ops ops, List<String> inputs);
  }

  private final List<long[]> shapes = new ArrayList<>();
  private DoubleUnaryOperator values = u -> u;
  private int order = 1;

  private FiniteDifferences() {}

  /** A check with differentiable inputs of these shapes, drawn from -1 to 1. */
  static FiniteDifferences of(long[]... shapes) {
    FiniteDifferences check = new FiniteDifferences();
    check.shapes.addAll(List.of(shapes));
    return check;
  }

  /** A shape, for readable calls. */
  static long[] shape(long... sizes) {
    return sizes;
  }

  /** Maps the drawn values, for instance away from a kink or into a domain. */
  FiniteDifferences with(DoubleUnaryOperator mapped) {
    values = mapped;
    return this;
  }

  /** Also differentiates the gradient: the loss becomes the weighted sum of the first gradients. */
  FiniteDifferences secondOrder() {
    order = 2;
    return this;
  }

  /** Runs the check. */
  void check(Body body) {
    GraphBuilder graph = new GraphBuilder("check");
    Random random = new Random(7);
    List<String> names = new ArrayList<>();
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    for (long[] shape : shapes) {
      String name = graph.input("x" + names.size(), ValueType.of(DType.FLOAT64, shape));
      names.add(name);
      inputs.put(name, draw(random, shape));
    }
    String loss = weightedSum(graph, List.of(body.build(graph.ops(), names)), random);
    if (order == 2) {
      Map<String, String> first = Autodiff.gradients(graph, loss, names);
      loss = weightedSum(graph, new ArrayList<>(first.values()), random);
    }
    Map<String, String> gradients = Autodiff.gradients(graph, loss, names);
    graph.output("loss", loss);
    gradients.forEach((name, gradient) -> graph.output("gradient." + name, gradient));
    compare(DoublePrecision.of(graph.build()), names, inputs);
  }

  private static String weightedSum(GraphBuilder graph, List<String> values, Random random) {
    Ops ops = graph.ops();
    String total = null;
    for (String value : values) {
      long[] shape = graph.type(value).shape().sizes();
      double[] weights = random.doubles(Tensor.elements(shape), 0.5, 1.5).toArray();
      String weight = graph.constant(Constant.ofDoubles(DType.FLOAT64, weights, shape));
      String sum = ops.reduceSum(ops.mul(value, weight), false);
      total = total == null ? sum : ops.add(total, sum);
    }
    return total;
  }

  private Tensor draw(Random random, long[] shape) {
    Tensor tensor = Tensor.allocate(DType.FLOAT64, shape);
    for (int i = 0; i < tensor.elements(); i++) {
      tensor.doubles().put(i, values.applyAsDouble(2 * random.nextDouble() - 1));
    }
    return tensor;
  }

  private static void compare(ModelGraph graph, List<String> names, Map<String, Tensor> inputs) {
    Map<String, Tensor> outputs = new LinkedHashMap<>();
    graph.outputs().forEach(name -> outputs.put(name, graph.type(name).allocate()));
    try (GraphSession session =
        GraphSession.open("check", OnnxFormat.toBytes(graph), new ModelOptions(Device.CPU, 1))) {
      session.run(inputs, outputs);
      Map<String, double[]> derived = new LinkedHashMap<>();
      for (String name : names) {
        double[] copy = new double[(int) inputs.get(name).elements()];
        outputs.get("gradient." + name).doubles().get(copy);
        derived.put(name, copy);
        assertEquals(
            List.of(inputs.get(name).toString()),
            List.of(outputs.get("gradient." + name).toString()));
      }
      for (String name : names) {
        Tensor input = inputs.get(name);
        for (int i = 0; i < input.elements(); i++) {
          double at = input.doubles().get(i);
          double up = loss(session, inputs, outputs, input, i, at + STEP);
          double down = loss(session, inputs, outputs, input, i, at - STEP);
          input.doubles().put(i, at);
          double expected = (up - down) / (2 * STEP);
          double found = derived.get(name)[i];
          double error = Math.abs(found - expected) / Math.max(1, Math.abs(expected));
          assertTrue(
              error <= TOLERANCE,
              "%s[%d]: expected %s, found %s".formatted(name, i, expected, found));
        }
      }
    }
  }

  private static double loss(
      GraphSession session,
      Map<String, Tensor> inputs,
      Map<String, Tensor> outputs,
      Tensor input,
      int index,
      double value) {
    input.doubles().put(index, value);
    session.run(inputs, outputs);
    return outputs.get("loss").doubles().get(0);
  }
}
