package io.acclimate.tta.gradient;

import io.acclimate.runtime.DType;
import io.acclimate.runtime.Device;
import io.acclimate.runtime.ModelOptions;
import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.SessionPool;
import io.acclimate.runtime.graph.Attributes;
import io.acclimate.runtime.graph.Constant;
import io.acclimate.runtime.graph.Dim;
import io.acclimate.runtime.graph.GraphBuilder;
import io.acclimate.runtime.graph.ModelGraph;
import io.acclimate.runtime.graph.OnnxFormat;
import io.acclimate.runtime.graph.Ops;
import io.acclimate.runtime.graph.Shape;
import io.acclimate.runtime.graph.Specializer;
import io.acclimate.runtime.graph.ValueType;
import io.acclimate.tta.DifferentiableModel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.commons.rng.UniformRandomProvider;

/** Small networks with every kind of normalisation. */
final class Networks {
  private static final ModelOptions OPTIONS = new ModelOptions(Device.CPU, 1);

  private Networks() {}

  /** An input {@code x} with an open batch size. */
  static String input(GraphBuilder graph, DType type, long... sizes) {
    List<Dim> dims = new ArrayList<>(List.of(Dim.symbol("batch")));
    Arrays.stream(sizes).mapToObj(Dim::of).forEach(dims::add);
    return graph.input("x", new ValueType(type, new Shape(dims)));
  }

  /** A graph with an output {@code logits}, as a model; {@code features} are given where it has. */
  static DifferentiableModel model(GraphBuilder graph) {
    ModelGraph built = graph.build();
    Optional<String> features =
        Optional.of("features").filter(name -> built.outputs().contains(name));
    byte[] bytes = OnnxFormat.toBytes(built);
    return new DifferentiableModel(
        Specializer.of("tiny", bytes), "logits", features, OPTIONS, new SessionPool());
  }

  /** Features as four tokens, two transformer blocks of width 8, the mean token, a linear layer. */
  static DifferentiableModel transformer(int features, int classes) {
    GraphBuilder graph = new GraphBuilder("tiny-transformer");
    Ops ops = graph.ops();
    String x = ops.reshape(input(graph, DType.FLOAT32, features), 0, 4, features / 4);
    x = ops.matMul(x, weight(graph, "embedding", features / 4, 8));
    for (int block = 0; block < 2; block++) {
      String name = "block" + block;
      x = ops.add(x, attention(graph, name + ".attention", norm(graph, name + ".norm1", x)));
      String inner = linear(graph, name + ".up", norm(graph, name + ".norm2", x), 8, 16);
      String active = ops.op("Gelu", Attributes.NONE, inner);
      x = ops.add(x, linear(graph, name + ".down", active, 16, 8));
    }
    graph.output("features", ops.reduceMean(norm(graph, "norm", x), false, 1));
    graph.output("logits", linear(graph, "head", "features", 8, classes));
    return model(graph);
  }

  private static String attention(GraphBuilder graph, String name, String x) {
    Ops ops = graph.ops();
    String q = heads(ops, linear(graph, name + ".q", x, 8, 8), 0, 2, 1, 3);
    String k = heads(ops, linear(graph, name + ".k", x, 8, 8), 0, 2, 3, 1);
    String v = heads(ops, linear(graph, name + ".v", x, 8, 8), 0, 2, 1, 3);
    String scores = ops.mul(ops.matMul(q, k), 0.5);
    String mixed = ops.transpose(ops.matMul(ops.softmax(scores, -1), v), 0, 2, 1, 3);
    return linear(graph, name + ".o", ops.reshape(mixed, 0, 0, 8), 8, 8);
  }

  private static String heads(Ops ops, String x, int... order) {
    return ops.transpose(ops.reshape(x, 0, 0, 2, 4), order);
  }

  private static String linear(GraphBuilder graph, String name, String x, int in, int out) {
    Ops ops = graph.ops();
    String product = ops.matMul(x, weight(graph, name + ".weight", in, out));
    return ops.add(product, weight(graph, name + ".bias", out));
  }

  private static String norm(GraphBuilder graph, String name, String x) {
    Attributes epsilon = Attributes.of("axis", -1).and("epsilon", 1e-5);
    String scale = ones(graph, name + ".weight", 8);
    return graph
        .ops()
        .op("LayerNormalization", epsilon, x, scale, weight(graph, name + ".bias", 8));
  }

  /** Features, a linear layer, layer normalisation, Gelu, a linear layer. */
  static DifferentiableModel withLayerNorm(int features, int classes) {
    GraphBuilder graph = new GraphBuilder("tiny");
    Ops ops = graph.ops();
    String x = input(graph, DType.FLOAT32, features);
    x = ops.add(ops.matMul(x, weight(graph, "first.weight", features, 12)), weight(graph, "b", 12));
    Attributes epsilon = Attributes.of("axis", -1).and("epsilon", 1e-5);
    String scale = ones(graph, "norm.weight", 12);
    x = ops.op("LayerNormalization", epsilon, x, scale, weight(graph, "norm.bias", 12));
    x = ops.op("Gelu", Attributes.NONE, x);
    graph.output("logits", ops.matMul(x, weight(graph, "head.weight", 12, classes)));
    return model(graph);
  }

  /** Images, a convolution, batch normalisation, ReLU, the mean over places, a linear layer. */
  static DifferentiableModel withBatchNorm(int channels, int side, int classes) {
    GraphBuilder graph = new GraphBuilder("tiny-convolution");
    Ops ops = graph.ops();
    String x = input(graph, DType.FLOAT32, channels, side, side);
    Attributes pads = Attributes.of("pads", new long[] {1, 1, 1, 1});
    x = ops.op("Conv", pads, x, weight(graph, "kernel", 6, channels, 3, 3));
    x =
        ops.op(
            "BatchNormalization",
            Attributes.of("epsilon", 1e-5),
            x,
            ones(graph, "bn.weight", 6),
            weight(graph, "bn.bias", 6),
            weight(graph, "bn.mean", 6),
            ones(graph, "bn.variance", 6));
    x = ops.reduceMean(ops.relu(x), false, 2, 3);
    graph.output("logits", ops.matMul(x, weight(graph, "head.weight", 6, classes)));
    return model(graph);
  }

  private static String ones(GraphBuilder graph, String name, int size) {
    double[] ones = new double[size];
    Arrays.fill(ones, 1);
    return graph.constant(name, Constant.ofDoubles(DType.FLOAT32, ones, size));
  }

  private static String weight(GraphBuilder graph, String name, long... shape) {
    UniformRandomProvider random = SeedTree.of(5).child(name).generator();
    double[] values = new double[(int) Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
    Arrays.setAll(values, i -> 2 * random.nextDouble() - 1);
    return graph.constant(name, Constant.ofDoubles(DType.FLOAT32, values, shape));
  }
}
