package io.acclimate.runtime.testing;

import io.acclimate.runtime.DType;
import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.graph.Attributes;
import io.acclimate.runtime.graph.Constant;
import io.acclimate.runtime.graph.GraphBuilder;
import io.acclimate.runtime.graph.ModelGraph;
import io.acclimate.runtime.graph.Ops;
import io.acclimate.runtime.graph.ValueType;
import org.apache.commons.rng.UniformRandomProvider;

/** Small networks with random weights, built operator by operator as exporters write them. */
public final class TestNetworks {
  /** Samples of a batch. */
  public static final int BATCH = 2;

  /** Tokens of a sequence. */
  public static final int TOKENS = 5;

  /** The width of a token. */
  public static final int WIDTH = 8;

  /** Attention heads. */
  public static final int HEADS = 2;

  /** Classes of every network. */
  public static final int CLASSES = 3;

  private final GraphBuilder graph;
  private final Ops ops;
  private final DType type;
  private final UniformRandomProvider random = SeedTree.of(11).generator();

  private TestNetworks(String name, DType type) {
    this.graph = new GraphBuilder(name);
    this.ops = graph.ops();
    this.type = type;
  }

  /**
   * A pre-norm transformer whose queries, keys and values come from one matrix product, with a Gelu
   * in pieces (the tanh form).
   *
   * @param type {@link DType#FLOAT32} or {@link DType#FLOAT64}: every operator has both
   */
  public static ModelGraph preNormFused(DType type, int layers) {
    TestNetworks net = new TestNetworks("pre-norm", type);
    String x = net.graph.input("x", ValueType.of(type, BATCH, TOKENS, WIDTH));
    for (int layer = 0; layer < layers; layer++) {
      x = net.ops.add(x, net.fusedAttention(net.layerNorm(x)));
      x = net.ops.add(x, net.feedForward(net.layerNorm(x)));
    }
    net.graph.output("tokens", net.layerNorm(x));
    net.graph.output("features", net.ops.reduceMean("tokens", false, 1));
    net.graph.output("logits", net.linear("features", CLASSES));
    return net.graph.build();
  }

  /**
   * A post-norm transformer with root-mean-square norms in pieces, gated feed-forward networks
   * (SwiGLU) and masked attention whose heads are folded into the batch.
   */
  public static ModelGraph postNormGated(DType type, int layers) {
    TestNetworks net = new TestNetworks("post-norm", type);
    String x = net.graph.input("x", ValueType.of(type, BATCH, TOKENS, WIDTH));
    for (int layer = 0; layer < layers; layer++) {
      x = net.rootMeanSquare(net.ops.add(net.foldedAttention(x), x));
      x = net.rootMeanSquare(net.ops.add(net.gatedFeedForward(x), x));
    }
    net.graph.output("tokens", x);
    return net.graph.build();
  }

  /** A convolutional network: batch norms, a residual, a group norm in pieces, two poolings. */
  public static ModelGraph convolutional(DType type) {
    TestNetworks net = new TestNetworks("convolutional", type);
    Ops ops = net.ops;
    String x = net.graph.input("image", ValueType.of(type, BATCH, 1, 8, 8));
    String stem = ops.relu(net.batchNorm(net.convolution(x, 4), 4));
    Attributes window =
        Attributes.of("kernel_shape", new long[] {2, 2}).and("strides", new long[] {2, 2});
    String pooled = ops.op("MaxPool", window, stem);
    String inner = ops.relu(net.groupNorm(net.convolution(pooled, 4), 4));
    String sum = ops.add(pooled, net.batchNorm(net.convolution(inner, 4), 4));
    String mean = ops.op("GlobalAveragePool", Attributes.NONE, ops.relu(sum));
    net.graph.output("features", ops.op("Flatten", Attributes.of("axis", 1), mean));
    net.graph.output("logits", net.gemm("features", CLASSES));
    return net.graph.build();
  }

  /** Numbers for an input of a graph, the same for the same seed. */
  public static Tensor input(ModelGraph graph, String name, long seed) {
    ValueType type = graph.type(name);
    Tensor tensor = type.allocate();
    UniformRandomProvider random = SeedTree.of(seed).child(name).generator();
    for (int i = 0; i < tensor.elements(); i++) {
      double value = 2 * random.nextDouble() - 1;
      if (type.type() == DType.FLOAT64) {
        tensor.doubles().put(i, value);
      } else {
        tensor.floats().put(i, (float) value);
      }
    }
    return tensor;
  }

  private String weight(double scale, double shift, long... shape) {
    double[] values = new double[Math.toIntExact(Tensor.elements(shape))];
    for (int i = 0; i < values.length; i++) {
      values[i] = shift + scale * (2 * random.nextDouble() - 1);
    }
    return graph.constant(graph.fresh("weight"), Constant.ofDoubles(type, values, shape));
  }

  private String linear(String x, int out) {
    long in = ops.shape(x).size(-1);
    String product = ops.matMul(x, weight(1.5 / Math.sqrt(in), 0, in, out));
    return ops.add(product, weight(0.2, 0, out));
  }

  private String gemm(String x, int out) {
    long in = ops.shape(x).size(-1);
    return ops.op(
        "Gemm", Attributes.of("transB", true), x, weight(1, 0, out, in), weight(0.2, 0, out));
  }

  private String layerNorm(String x) {
    String scale = weight(0.3, 1, WIDTH);
    String bias = weight(0.3, 0, WIDTH);
    return ops.op(
        "LayerNormalization", Attributes.of("axis", -1).and("epsilon", 1e-5), x, scale, bias);
  }

  private String rootMeanSquare(String x) {
    String square = ops.pow(x, ops.scalarLike(x, 2));
    String root = ops.sqrt(ops.add(ops.reduceMean(square, true, -1), 1e-6));
    return ops.mul(weight(0.3, 1, WIDTH), ops.mul(x, ops.reciprocal(root)));
  }

  private String fusedAttention(String x) {
    int size = WIDTH / HEADS;
    String fused = ops.reshape(linear(x, 3 * WIDTH), BATCH, TOKENS, 3, HEADS, size);
    String parts = ops.transpose(fused, 2, 0, 3, 1, 4);
    String[] heads = new String[3];
    for (int i = 0; i < 3; i++) {
      String index = graph.constant(Constant.ofLongs(new long[] {i}));
      heads[i] = ops.gather(parts, index, 0);
    }
    String query = ops.mul(heads[0], 1 / Math.sqrt(size));
    String weights = ops.softmax(ops.matMul(query, ops.transposeLast(heads[1])), -1);
    String merged = ops.transpose(ops.matMul(weights, heads[2]), 0, 2, 1, 3);
    return linear(ops.reshape(merged, BATCH, TOKENS, WIDTH), WIDTH);
  }

  private String foldedAttention(String x) {
    int size = WIDTH / HEADS;
    String query = folded(linear(x, WIDTH));
    String key = folded(linear(x, WIDTH));
    String value = folded(linear(x, WIDTH));
    String scores = ops.div(ops.matMul(query, ops.transposeLast(key)), scalar(Math.sqrt(size)));
    double[] mask = new double[TOKENS * TOKENS];
    for (int i = 0; i < mask.length; i++) {
      mask[i] = i % TOKENS > i / TOKENS ? -1e9 : 0;
    }
    String causal = graph.constant(Constant.ofDoubles(type, mask, 1, TOKENS, TOKENS));
    String weights = ops.softmax(ops.add(scores, causal), -1);
    String context = ops.reshape(ops.matMul(weights, value), BATCH, HEADS, TOKENS, size);
    String merged = ops.reshape(ops.transpose(context, 0, 2, 1, 3), BATCH, TOKENS, WIDTH);
    return linear(merged, WIDTH);
  }

  private String folded(String x) {
    int size = WIDTH / HEADS;
    String heads = ops.transpose(ops.reshape(x, BATCH, TOKENS, HEADS, size), 0, 2, 1, 3);
    return ops.reshape(heads, (long) BATCH * HEADS, TOKENS, size);
  }

  private String scalar(double value) {
    return graph.constant(Constant.scalar(type, value));
  }

  private String feedForward(String x) {
    String up = linear(x, 2 * WIDTH);
    String cube = ops.mul(ops.pow(up, scalar(3)), 0.044715);
    String inner = ops.mul(ops.add(up, cube), Math.sqrt(2 / Math.PI));
    String activated = ops.mul(ops.mul(up, 0.5), ops.add(ops.tanh(inner), 1));
    return linear(activated, WIDTH);
  }

  private String gatedFeedForward(String x) {
    String gate = linear(x, 2 * WIDTH);
    String up = linear(x, 2 * WIDTH);
    return linear(ops.mul(ops.mul(gate, ops.sigmoid(gate)), up), WIDTH);
  }

  private String convolution(String x, int out) {
    long in = ops.shape(x).size(1);
    Attributes window =
        Attributes.of("kernel_shape", new long[] {3, 3}).and("pads", new long[] {1, 1, 1, 1});
    return ops.op(
        "Conv", window, x, weight(1 / Math.sqrt(9.0 * in), 0, out, in, 3, 3), weight(0.1, 0, out));
  }

  private String batchNorm(String x, int channels) {
    return graph
        .nodes(
            "BatchNormalization",
            Attributes.of("epsilon", 1e-5),
            1,
            x,
            weight(0.3, 1, channels),
            weight(0.3, 0, channels),
            weight(0.3, 0, channels),
            weight(0.3, 1, channels))
        .get(0);
  }

  private String groupNorm(String x, int channels) {
    String groups = ops.reshape(x, BATCH, 2, -1);
    String ones = graph.constant(Constant.ofDoubles(type, new double[] {1, 1}, 2));
    String zeros = graph.constant(Constant.ofDoubles(type, new double[2], 2));
    String normalised =
        ops.op("InstanceNormalization", Attributes.of("epsilon", 1e-5), groups, ones, zeros);
    String back = ops.reshapeLike(normalised, x);
    String scaled = ops.mul(back, weight(0.3, 1, channels, 1, 1));
    return ops.add(scaled, weight(0.3, 0, channels, 1, 1));
  }
}
