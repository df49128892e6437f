package io.acclimate.tta.blackbox;

import io.acclimate.runtime.DType;
import io.acclimate.runtime.Device;
import io.acclimate.runtime.FrozenModel;
import io.acclimate.runtime.LinearHead;
import io.acclimate.runtime.ModelOptions;
import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.graph.Constant;
import io.acclimate.runtime.graph.Dim;
import io.acclimate.runtime.graph.GraphBuilder;
import io.acclimate.runtime.graph.OnnxFormat;
import io.acclimate.runtime.graph.Ops;
import io.acclimate.runtime.graph.Shape;
import io.acclimate.runtime.graph.ValueType;
import io.acclimate.runtime.train.Init;
import io.acclimate.tta.ForwardModel;
import io.acclimate.tta.MethodContext;
import io.acclimate.tta.OutputBatch;
import io.acclimate.tta.SourceStatistics;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Small frozen models whose features are a squashed linear layer, and a linear head. */
final class ForwardNetworks {
  private static final int FEATURES = 8;
  private static final double HEAD_VARIANCE = 9;
  private static final double BIAS_VARIANCE = 0.1;

  private ForwardNetworks() {}

  /** Opens a model of samples of this shape. */
  static FrozenModel open(int classes, long... sampleShape) {
    GraphBuilder graph = new GraphBuilder("tiny");
    Ops ops = graph.ops();
    List<Dim> dims = new ArrayList<>(List.of(Dim.symbol("batch")));
    Arrays.stream(sampleShape).mapToObj(Dim::of).forEach(dims::add);
    int elements = (int) Tensor.elements(sampleShape);
    String x = graph.input("x", new ValueType(DType.FLOAT32, new Shape(dims)));
    String flat = ops.reshape(x, -1, elements);
    String product = ops.matMul(flat, weight(graph, "first", 1.0 / elements, elements, FEATURES));
    graph.output("features", ops.tanh(product));
    String scores = ops.matMul("features", weight(graph, "head", HEAD_VARIANCE, FEATURES, classes));
    graph.output("logits", ops.add(scores, weight(graph, "bias", BIAS_VARIANCE, classes)));
    byte[] bytes = OnnxFormat.toBytes(graph.build());
    return FrozenModel.open("tiny", bytes, new ModelOptions(Device.CPU, 1));
  }

  private static String weight(GraphBuilder graph, String name, double variance, long... shape) {
    return graph.constant(name, Constant.of(values(name, variance, shape)));
  }

  private static Tensor values(String name, double variance, long... shape) {
    Tensor values = Tensor.allocate(DType.FLOAT32, shape);
    Init.normal(Math.sqrt(variance)).fill(values, SeedTree.of(5).child(name));
    return values;
  }

  private static LinearHead head(int classes) {
    float[] columns = values("head", HEAD_VARIANCE, FEATURES, classes).toFloatArray();
    float[] weights = new float[columns.length];
    for (int k = 0; k < columns.length; k++) {
      weights[k % classes * FEATURES + k / classes] = columns[k];
    }
    return new LinearHead(
        classes, FEATURES, weights, values("bias", BIAS_VARIANCE, classes).toFloatArray());
  }

  /** What a method may know of a model, with statistics of some labelled source samples. */
  static MethodContext context(FrozenModel model, int classes, Tensor samples, int[] labels) {
    ForwardModel forward = new ForwardModel(model, "logits", Optional.of("features"));
    SourceStatistics source = new SourceStatistics(classes, FEATURES);
    try (var runner = forward.newRunner()) {
      OutputBatch answer = runner.run(samples);
      source.add(
          new OutputBatch(
              labels.length, classes, FEATURES, answer.probabilities(), answer.features(), labels));
    }
    return new MethodContext(
        classes,
        FEATURES,
        Optional.of(head(classes)),
        Optional.of(source),
        SeedTree.of(79),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.of(forward));
  }
}
