package io.acclimate.runtime.autodiff;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.graph.Attributes;
import io.acclimate.runtime.graph.Constant;
import io.acclimate.runtime.graph.GraphBuilder;
import io.acclimate.runtime.graph.ModelGraph;
import io.acclimate.runtime.graph.Ops;
import io.acclimate.runtime.graph.ValueType;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class GradientCheckTest {
  private static final SeedTree SEEDS = SeedTree.of(5);
  private static final GradientCheck CHECK =
      new GradientCheck(3, SEEDS, GradientRules.builtInRules());

  /** A graph under construction with its inputs' values. */
  private static final class Network {
    final GraphBuilder graph = new GraphBuilder("network");
    final Ops ops = graph.ops();
    final Map<String, Tensor> inputs = new LinkedHashMap<>();
    private final Random random = new Random(11);

    String input(String name, double scale, double offset, long... shape) {
      Tensor tensor = Tensor.allocate(DType.FLOAT32, shape);
      for (int i = 0; i < tensor.elements(); i++) {
        tensor.floats().put(i, (float) (offset + scale * random.nextGaussian()));
      }
      inputs.put(name, tensor);
      return graph.input(name, ValueType.of(DType.FLOAT32, shape));
    }

    ModelGraph lossOf(String logits, long... labels) {
      String classes = graph.constant(Constant.ofList(labels));
      Attributes mean = Attributes.of("reduction", "mean");
      String loss = graph.node("SoftmaxCrossEntropyLoss", mean, logits, classes);
      graph.output("loss", loss);
      return graph.build();
    }
  }

  private static void requireAll(Map<String, Double> errors, List<String> parameters) {
    assertEquals(parameters, List.copyOf(errors.keySet()));
    errors.forEach((name, error) -> assertTrue(error <= 1e-6, name + ": " + error));
  }

  @Test
  void transformerBlock() {
    Network net = new Network();
    Ops ops = net.ops;
    String x = net.input("x", 1, 0, 2, 3, 8);
    String scale = net.input("scale", 0.1, 1, 8);
    String bias = net.input("bias", 0.1, 0, 8);
    String y = ops.op("LayerNormalization", Attributes.NONE, x, scale, bias);
    String q = ops.matMul(y, net.input("query", 0.3, 0, 8, 8));
    String k = ops.matMul(y, net.input("key", 0.3, 0, 8, 8));
    String scores = ops.mul(ops.matMul(q, ops.transposeLast(k)), 0.35);
    y = ops.add(x, ops.matMul(ops.softmax(scores, -1), y));
    String up = net.input("up", 0.3, 0, 8, 16);
    y = ops.op("Gelu", Attributes.NONE, ops.matMul(y, up));
    y = ops.matMul(y, net.input("down", 0.3, 0, 16, 4));
    ModelGraph graph = net.lossOf(ops.reduceMean(y, false, 1), 3, 0);
    List<String> parameters = List.of("scale", "bias", "query", "key", "up", "down");
    requireAll(CHECK.run(graph, "loss", net.inputs, parameters), parameters);
  }

  @Test
  void convolutionalNetwork() {
    Network net = new Network();
    Ops ops = net.ops;
    String x = net.input("x", 1, 0, 2, 2, 9, 9);
    Attributes same = Attributes.of("pads", new long[] {1, 1, 1, 1});
    String filters = net.input("filters", 0.3, 0, 4, 2, 3, 3);
    String y = ops.op("Conv", same, x, filters, net.input("offsets", 0.1, 0, 4));
    String mean = net.input("mean", 0.1, 0, 4);
    String variance = net.input("variance", 0.1, 1, 4);
    String scale = net.input("scale", 0.1, 1, 4);
    String bias = net.input("bias", 0.1, 0, 4);
    y = ops.op("BatchNormalization", Attributes.NONE, y, scale, bias, mean, variance);
    Attributes pool =
        Attributes.of("kernel_shape", new long[] {3, 3}).and("strides", new long[] {2, 2});
    y = ops.op("MaxPool", pool.and("pads", new long[] {1, 1, 1, 1}), ops.relu(y));
    Attributes depthwise = Attributes.of("group", 4).and("strides", new long[] {2, 2});
    y = ops.op("Conv", depthwise, y, net.input("depthwise", 0.5, 0, 4, 1, 2, 2));
    y = ops.op("HardSwish", Attributes.NONE, y);
    y = ops.reshape(ops.op("GlobalAveragePool", Attributes.NONE, y), 2, 4);
    y = ops.matMul(y, net.input("head", 0.5, 0, 4, 3));
    ModelGraph graph = net.lossOf(y, 2, 1);
    List<String> parameters =
        List.of("filters", "offsets", "scale", "bias", "mean", "variance", "depthwise", "head");
    Map<String, Double> errors = CHECK.run(graph, "loss", net.inputs, parameters);
    requireAll(errors, parameters);
    assertEquals(errors, CHECK.run(graph, "loss", net.inputs, parameters));
  }

  @Test
  void wrongRuleIsFound() {
    Network net = new Network();
    Ops ops = net.ops;
    String x = net.input("x", 1, 0, 2, 8);
    String hidden = ops.tanh(ops.matMul(x, net.input("first", 0.5, 0, 8, 6)));
    ModelGraph graph = net.lossOf(ops.matMul(hidden, net.input("second", 0.5, 0, 6, 3)), 0, 2);
    GradientRules wrong =
        GradientRules.builtInRules()
            .with("Tanh", node -> node.give(0, node.ops().mul(node.gradient(), 0.9)));
    GradientCheck check = new GradientCheck(3, SEEDS, wrong);
    List<String> parameters = List.of("first", "second");
    Map<String, Double> errors = check.run(graph, "loss", net.inputs, parameters);
    assertTrue(errors.get("first") > 1e-2, errors.toString());
    assertTrue(errors.get("second") <= 1e-6, errors.toString());
  }

  @Test
  void parametersThatDoNotMatterHaveNoError() {
    Network net = new Network();
    Ops ops = net.ops;
    String x = net.input("x", 1, 0, 2, 4);
    String shift = net.input("shift", 1, 0, 1);
    ModelGraph graph = net.lossOf(ops.add(x, shift), 0, 2);
    requireAll(CHECK.run(graph, "loss", net.inputs, List.of("shift")), List.of("shift"));
  }

  @Test
  void mistakesAreNamed() {
    Network net = new Network();
    String x = net.input("x", 1, 0, 2, 4);
    ModelGraph graph = net.lossOf(net.ops.mul(x, net.ops.scalarLike(x, Double.NaN)), 0, 2);
    assertMessage("'weight'", graph, net.inputs, "weight");
    assertMessage("input 'x'", graph, Map.of(), "x");
    assertMessage("finite loss", graph, net.inputs, "x");
    assertThrows(
        AcclimateException.class, () -> new GradientCheck(0, SEEDS, GradientRules.builtInRules()));
  }

  private static void assertMessage(
      String expected, ModelGraph graph, Map<String, Tensor> inputs, String parameter) {
    AcclimateException error =
        assertThrows(
            AcclimateException.class, () -> CHECK.run(graph, "loss", inputs, List.of(parameter)));
    assertTrue(error.getMessage().contains(expected), error.getMessage());
  }
}
