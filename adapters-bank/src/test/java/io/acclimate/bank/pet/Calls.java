package io.acclimate.bank.pet;

import io.acclimate.runtime.DType;
import io.acclimate.runtime.Device;
import io.acclimate.runtime.GraphSession;
import io.acclimate.runtime.ModelOptions;
import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.autodiff.Autodiff;
import io.acclimate.runtime.graph.Constant;
import io.acclimate.runtime.graph.GraphBuilder;
import io.acclimate.runtime.graph.ModelGraph;
import io.acclimate.runtime.graph.OnnxFormat;
import io.acclimate.runtime.graph.Ops;
import io.acclimate.runtime.testing.TestNetworks;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Runs graphs, and gradients of a fixed function of their outputs. */
final class Calls {
  static final String LOSS = "loss";

  private Calls() {}

  static GraphSession open(ModelGraph graph) {
    return GraphSession.open(
        graph.name(), OnnxFormat.toBytes(graph), new ModelOptions(Device.CPU, 1));
  }

  /** The outputs of fixed shape. */
  static Map<String, double[]> run(ModelGraph graph, Map<String, Tensor> inputs) {
    try (GraphSession session = open(graph)) {
      return run(session, graph, inputs);
    }
  }

  static Map<String, double[]> run(
      GraphSession session, ModelGraph graph, Map<String, Tensor> inputs) {
    Map<String, Tensor> outputs = new LinkedHashMap<>();
    for (String output : graph.outputs()) {
      if (graph.type(output).shape().isStatic()) {
        outputs.put(output, graph.type(output).allocate());
      }
    }
    session.run(inputs, outputs);
    Map<String, double[]> values = new LinkedHashMap<>();
    outputs.forEach((name, tensor) -> values.put(name, Constant.of(tensor).toDoubles()));
    return values;
  }

  /** The data and the parameters together. */
  static Map<String, Tensor> feeds(Map<String, Tensor> data, Map<String, Tensor> parameters) {
    Map<String, Tensor> feeds = new LinkedHashMap<>(data);
    feeds.putAll(parameters);
    return feeds;
  }

  /** Numbers for all inputs of a graph. */
  static Map<String, Tensor> data(ModelGraph graph, long seed) {
    Map<String, Tensor> data = new LinkedHashMap<>();
    graph.inputs().forEach(name -> data.put(name, TestNetworks.input(graph, name, seed)));
    return data;
  }

  /** Values that differ from those at the start in every element. */
  static Map<String, Tensor> disturbed(PatchedGraph patched, long seed) {
    Map<String, Tensor> values = patched.initialValues(SeedTree.of(seed));
    values.forEach(
        (name, tensor) -> {
          var random = SeedTree.of(seed).child("disturbed").child(name).generator();
          for (int i = 0; i < tensor.elements(); i++) {
            double change = 0.6 * random.nextDouble() - 0.3;
            if (tensor.type() == DType.FLOAT64) {
              tensor.doubles().put(i, tensor.doubles().get(i) + change);
            } else {
              tensor.floats().put(i, (float) (tensor.floats().get(i) + change));
            }
          }
        });
    return values;
  }

  /** The graph with one output: the sum of all outputs' elements, each times a weight. */
  static ModelGraph withLoss(ModelGraph graph) {
    GraphBuilder builder = graph.toBuilder();
    Ops ops = builder.ops();
    String loss = null;
    for (String output : graph.outputs()) {
      long[] shape = graph.type(output).shape().sizes();
      double[] weights = new double[Math.toIntExact(Tensor.elements(shape))];
      var random = SeedTree.of(5).child(output).generator();
      for (int i = 0; i < weights.length; i++) {
        weights[i] = 0.5 + random.nextDouble();
      }
      Constant constant = Constant.ofDoubles(graph.type(output).type(), weights, shape);
      String sum = ops.reduceSum(ops.mul(output, builder.constant(constant)), false);
      loss = loss == null ? sum : ops.add(loss, sum);
    }
    builder.setOutputs(List.of());
    builder.output(LOSS, loss);
    return builder.build();
  }

  /** The graph of {@link #withLoss} with the gradients of some inputs as outputs. */
  static ModelGraph withGradients(ModelGraph graph, Collection<String> inputs) {
    GraphBuilder builder = withLoss(graph).toBuilder();
    Autodiff.gradients(builder, LOSS, new ArrayList<>(inputs))
        .forEach((name, gradient) -> builder.output("gradient/" + name, gradient));
    return builder.build();
  }
}
