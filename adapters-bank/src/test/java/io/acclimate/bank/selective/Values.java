package io.acclimate.bank.selective;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import io.acclimate.bank.Golden;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.Device;
import io.acclimate.runtime.GraphSession;
import io.acclimate.runtime.ModelOptions;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.autodiff.Autodiff;
import io.acclimate.runtime.autodiff.GradientRules;
import io.acclimate.runtime.graph.Constant;
import io.acclimate.runtime.graph.GraphBuilder;
import io.acclimate.runtime.graph.ModelGraph;
import io.acclimate.runtime.graph.OnnxFormat;
import io.acclimate.runtime.graph.Shape;
import java.util.LinkedHashMap;
import java.util.Map;

/** The outputs of a graph, and the gradients of a weighted sum of one of its values. */
record Values(Map<String, double[]> all) {
  static final String GRADIENT = "gradient/";

  static Tensor tensor(DType type, double[] values, long... shape) {
    return Constant.ofDoubles(type, values, shape).toTensor();
  }

  static Values of(GraphBuilder graph, DType type, Map<String, Tensor> inputs) {
    ModelGraph built = graph.build();
    Map<String, Tensor> outputs = new LinkedHashMap<>();
    built.outputs().forEach(name -> outputs.put(name, built.type(name).allocate()));
    try (GraphSession session =
        GraphSession.open(
            built.name(), OnnxFormat.toBytes(built), new ModelOptions(Device.CPU, 1))) {
      session.run(inputs, outputs);
    }
    Map<String, double[]> values = new LinkedHashMap<>();
    outputs.forEach((name, tensor) -> values.put(name, Constant.of(tensor).toDoubles()));
    return new Values(values);
  }

  /** With the gradients of sum(weights * value) by all inputs. */
  static Values of(
      GraphBuilder graph, DType type, Map<String, Tensor> inputs, String value, double[] weights) {
    Shape shape = graph.type(value).shape();
    String factors = graph.constant(Constant.ofDoubles(type, weights, shape.sizes()));
    String loss = graph.ops().reduceSum(graph.ops().mul(value, factors), false);
    Autodiff.gradients(graph, loss, inputs.keySet(), GradientRules.builtInRules())
        .forEach((name, gradient) -> graph.output(GRADIENT + name, gradient));
    return of(graph, type, inputs);
  }

  double[] of(String name) {
    return all.get(name);
  }

  /** Compares, relative to the largest number expected. */
  void assertClose(String name, JsonNode expected, double tolerance) {
    assertClose(name, Golden.numbers(expected), tolerance);
  }

  void assertClose(String name, double[] expected, double tolerance) {
    double[] found = all.get(name);
    assertEquals(expected.length, found.length, name);
    double largest = 1;
    for (double number : expected) {
      largest = Math.max(largest, Math.abs(number));
    }
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i], found[i], tolerance * largest, name + " " + i);
    }
  }
}
