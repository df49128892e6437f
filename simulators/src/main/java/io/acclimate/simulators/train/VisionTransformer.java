package io.acclimate.simulators.train;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.graph.Attributes;
import io.acclimate.runtime.graph.Constant;
import io.acclimate.runtime.graph.Dim;
import io.acclimate.runtime.graph.GraphBuilder;
import io.acclimate.runtime.graph.ModelGraph;
import io.acclimate.runtime.graph.Ops;
import io.acclimate.runtime.graph.Shape;
import io.acclimate.runtime.graph.ValueType;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleSupplier;
import org.apache.commons.rng.UniformRandomProvider;
import org.apache.commons.rng.sampling.distribution.ZigguratSampler;

/**
 * A small vision transformer with a convolutional stem (Dosovitskiy et al., ICLR 2021, arXiv
 * 2010.11929; Xiao et al., NeurIPS 2021, arXiv 2106.14881): three convolutions make an image a
 * quarter as wide and high, each place of which is a token; pre-norm blocks follow.
 *
 * <p>Input {@code image [batch, channels, height, width]} in [0, 1]; outputs {@code logits [batch,
 * classes]}, {@code features [batch, width]} (the mean token) and {@code tokens [batch, tokens,
 * width]}. The normalisation of pixels is part of the graph.
 *
 * @param channels of the image
 * @param height of the image, a multiple of 4
 * @param imageWidth of the image, a multiple of 4
 * @param mean of the pixels, subtracted
 * @param deviation of the pixels, divided by
 * @param stem the channels of the first two convolutions
 * @param width of a token, a multiple of {@code heads}
 * @param blocks how many
 * @param heads of the attention
 * @param hidden the width inside the feed-forward part
 * @param classes how many
 */
public record VisionTransformer(
    int channels,
    int height,
    int imageWidth,
    double mean,
    double deviation,
    List<Integer> stem,
    int width,
    int blocks,
    int heads,
    int hidden,
    int classes) {
  private static final double POSITION_DEVIATION = 0.02;
  private static final double EPSILON = 1e-5;

  /** Checks that the sizes go together. */
  public VisionTransformer {
    stem = List.copyOf(stem);
    if (height % 4 != 0 || imageWidth % 4 != 0 || width % heads != 0 || stem.size() != 2) {
      throw new AcclimateException(
          "vision transformer: expected an image of multiples of 4, a width that the heads divide"
              + " and two stem sizes; found %d x %d, %d in %d heads, %s"
                  .formatted(height, imageWidth, width, heads, stem));
    }
  }

  /** The number of tokens of an image. */
  public int tokens() {
    return height / 4 * (imageWidth / 4);
  }

  /**
   * The network with random weights as constants; a weight's draw depends on its name alone.
   *
   * @param batch the batch size, or a symbol that leaves it open
   */
  public ModelGraph build(Dim batch, SeedTree seeds) {
    return new Build(batch, seeds).network();
  }

  /** One network under construction. */
  private final class Build {
    private final GraphBuilder graph = new GraphBuilder("vision-transformer");
    private final Ops ops = graph.ops();
    private final Dim batch;
    private final SeedTree seeds;

    Build(Dim batch, SeedTree seeds) {
      this.batch = batch;
      this.seeds = seeds;
    }

    ModelGraph network() {
      Shape image = new Shape(List.of(batch, Dim.of(channels), Dim.of(height), Dim.of(imageWidth)));
      String x = graph.input("image", new ValueType(DType.FLOAT32, image));
      x = ops.mul(ops.add(x, -mean), 1 / deviation);
      x = ops.op("Gelu", Attributes.NONE, convolution("stem1", x, channels, stem.get(0), 5, 2));
      x = ops.op("Gelu", Attributes.NONE, convolution("stem2", x, stem.get(0), stem.get(1), 3, 1));
      x = convolution("stem3", x, stem.get(1), width, 3, 2);
      x = ops.transpose(ops.reshape(x, 0, width, tokens()), 0, 2, 1);
      x = ops.add(x, normal("position", POSITION_DEVIATION, 1, tokens(), width));
      for (int block = 0; block < blocks; block++) {
        x = block("blocks." + block, x);
      }
      String tokens = norm("norm", x);
      String features = ops.reduceMean(tokens, false, 1);
      graph.output("logits", linear("head", features, width, classes));
      graph.output("features", features);
      graph.output("tokens", tokens);
      return graph.build();
    }

    private String block(String name, String x) {
      String attended = ops.add(x, attention(name + ".attention", norm(name + ".norm1", x)));
      String inner = linear(name + ".up", norm(name + ".norm2", attended), width, hidden);
      String active = ops.op("Gelu", Attributes.NONE, inner);
      return ops.add(attended, linear(name + ".down", active, hidden, width));
    }

    private String attention(String name, String x) {
      String q = heads(linear(name + ".q", x, width, width), 0, 2, 1, 3);
      String k = heads(linear(name + ".k", x, width, width), 0, 2, 3, 1);
      String v = heads(linear(name + ".v", x, width, width), 0, 2, 1, 3);
      String scores = ops.mul(ops.matMul(q, k), 1 / Math.sqrt(width / (double) heads));
      String mixed = ops.transpose(ops.matMul(ops.softmax(scores, -1), v), 0, 2, 1, 3);
      return linear(name + ".o", ops.reshape(mixed, 0, 0, width), width, width);
    }

    private String heads(String x, int... order) {
      return ops.transpose(ops.reshape(x, 0, 0, heads, width / heads), order);
    }

    private String linear(String name, String x, int in, int out) {
      String weight = normal(name + ".weight", 1 / Math.sqrt(in), in, out);
      return ops.add(ops.matMul(x, weight), constant(name + ".bias", 0, out));
    }

    private String norm(String name, String x) {
      String scale = constant(name + ".weight", 1, width);
      String bias = constant(name + ".bias", 0, width);
      Attributes attributes = Attributes.of("axis", -1).and("epsilon", EPSILON);
      return ops.op("LayerNormalization", attributes, x, scale, bias);
    }

    private String convolution(String name, String x, int in, int out, int kernel, int stride) {
      double bound = 1 / Math.sqrt((double) in * kernel * kernel);
      String weight = uniform(name + ".weight", bound, out, in, kernel, kernel);
      String bias = uniform(name + ".bias", bound, out);
      long pad = kernel / 2;
      Attributes attributes =
          Attributes.of("pads", new long[] {pad, pad, pad, pad})
              .and("strides", new long[] {stride, stride});
      return ops.op("Conv", attributes, x, weight, bias);
    }

    private String constant(String name, double value, long size) {
      double[] values = new double[(int) size];
      Arrays.fill(values, value);
      return graph.constant(name, Constant.ofDoubles(DType.FLOAT32, values, size));
    }

    private String normal(String name, double deviationOfWeights, long... shape) {
      ZigguratSampler.NormalizedGaussian gaussian =
          ZigguratSampler.NormalizedGaussian.of(seeds.child(name).generator());
      return draw(name, () -> deviationOfWeights * gaussian.sample(), shape);
    }

    private String uniform(String name, double bound, long... shape) {
      UniformRandomProvider generator = seeds.child(name).generator();
      return draw(name, () -> bound * (2 * generator.nextDouble() - 1), shape);
    }

    private String draw(String name, DoubleSupplier source, long... shape) {
      double[] values = new double[(int) Tensor.elements(shape)];
      Arrays.setAll(values, i -> source.getAsDouble());
      return graph.constant(name, Constant.ofDoubles(DType.FLOAT32, values, shape));
    }
  }
}
