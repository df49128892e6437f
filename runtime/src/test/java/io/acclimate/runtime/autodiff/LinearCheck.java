package io.acclimate.runtime.autodiff;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.acclimate.runtime.DType;
import io.acclimate.runtime.Device;
import io.acclimate.runtime.GraphSession;
import io.acclimate.runtime.ModelOptions;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.graph.Constant;
import io.acclimate.runtime.graph.GraphBuilder;
import io.acclimate.runtime.graph.ModelGraph;
import io.acclimate.runtime.graph.OnnxFormat;
import io.acclimate.runtime.graph.Ops;
import io.acclimate.runtime.graph.ValueType;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.stream.IntStream;

/**
 * Compares the derived gradient of a linear operator that has no double kernel with its matrix,
 * which ONNX Runtime's own kernel gives column by column; sums are taken in float64.
 */
final class LinearCheck {
  private static final double TOLERANCE = 1e-6;

  private LinearCheck() {}

  /**
   * Runs the check.
   *
   * @param shape the shape of the operand, of type float32
   * @param body appends the operator to a graph
   */
  static void check(long[] shape, BiFunction<Ops, String, String> body) {
    GraphBuilder graph = new GraphBuilder("linear");
    graph.input("x", ValueType.of(DType.FLOAT32, shape));
    String y = body.apply(graph.ops(), "x");
    ValueType type = graph.type(y);
    double[] weights =
        IntStream.range(0, (int) type.shape().elements()).mapToDouble(i -> i % 7 + 1).toArray();
    String weight =
        graph.constant(Constant.ofDoubles(DType.FLOAT32, weights, type.shape().sizes()));
    String loss = graph.ops().reduceSum(graph.ops().mul(y, weight), false);
    String gradient = Autodiff.gradients(graph, loss, List.of("x")).get("x");
    graph.output("y", y);
    graph.output("gradient", gradient);
    compare(graph.build(), weights);
  }

  private static void compare(ModelGraph graph, double[] weights) {
    Tensor x = graph.type("x").allocate();
    Map<String, Tensor> outputs =
        Map.of("y", graph.type("y").allocate(), "gradient", graph.type("gradient").allocate());
    try (GraphSession session =
        GraphSession.open("linear", OnnxFormat.toBytes(graph), new ModelOptions(Device.CPU, 1))) {
      double origin = weighted(session, x, outputs, weights);
      for (int i = 0; i < x.elements(); i++) {
        x.floats().put(i, 1);
        double expected = weighted(session, x, outputs, weights) - origin;
        x.floats().put(i, 0);
        float found = outputs.get("gradient").floats().get(i);
        assertEquals(expected, found, TOLERANCE * Math.max(1, Math.abs(expected)), "x[" + i + "]");
      }
    }
  }

  private static double weighted(
      GraphSession session, Tensor x, Map<String, Tensor> outputs, double[] weights) {
    session.run(Map.of("x", x), outputs);
    float[] y = outputs.get("y").toFloatArray();
    return IntStream.range(0, y.length).mapToDouble(i -> weights[i] * y[i]).sum();
  }
}
