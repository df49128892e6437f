package io.acclimate.tta.gradient;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.graph.Constant;
import io.acclimate.runtime.graph.GraphBuilder;
import io.acclimate.runtime.graph.ModelGraph;
import io.acclimate.runtime.graph.Node;
import io.acclimate.runtime.graph.Ops;
import io.acclimate.runtime.graph.ValueType;
import io.acclimate.runtime.sites.Site;
import io.acclimate.runtime.sites.SiteFinder;
import io.acclimate.runtime.sites.SiteKind;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * ITTA's changes of a transformer: a chain of element-wise scales and shifts behind each block, and
 * MixStyle behind the first two.
 *
 * <p>The paper's chain has a ReLU between its layers, which is the identity at first because the
 * outputs of a convolutional block are not negative. A transformer's may be: here the chain works
 * on the absolute value, and the sign comes back behind it. MixStyle takes mean and deviation of
 * each feature over the tokens of a sample, in place of those of each channel over the places of an
 * image.
 */
final class AdaptiveBlocks implements ParameterScope {
  /** What tells MixStyle which sample's statistics each row is given, {@code [rows, rows]}. */
  static final String PARTNERS = "itta/partners";

  private static final int LAYERS = 5;
  private static final double EPSILON = 1e-6;

  private final boolean adaptive;

  /**
   * A scope.
   *
   * @param adaptive whether the chains are there; MixStyle always is
   */
  AdaptiveBlocks(boolean adaptive) {
    this.adaptive = adaptive;
  }

  /** The share that MixStyle behind a block takes from the partner, {@code [rows]}. */
  static String mixing(int block) {
    return "itta/mixing" + block;
  }

  @Override
  public Attached attach(ModelGraph model) {
    GraphBuilder graph = model.toBuilder();
    List<Site> blocks =
        SiteFinder.find(model).stream()
            .filter(site -> site.kind() == SiteKind.BLOCK_OUTPUT)
            .filter(site -> model.type(site.output()).shape().rank() == 3)
            .toList();
    if (blocks.size() < 2) {
      throw new AcclimateException(
          "model %s: expected at least two transformer blocks, found %d"
              .formatted(model.name(), blocks.size()));
    }
    Map<String, Constant> parameters = new LinkedHashMap<>();
    long rows = model.type(blocks.get(0).output()).shape().size(0);
    DType type = model.type(blocks.get(0).output()).type();
    String partners = graph.input(PARTNERS, ValueType.of(type, rows, rows));
    for (int block = 0; block < blocks.size(); block++) {
      String output = blocks.get(block).output();
      Set<String> readers =
          model.consumers(output).stream().map(Node::name).collect(Collectors.toSet());
      String changed = adaptive ? chain(graph, output, block, parameters) : output;
      if (block < 2) {
        changed = mixStyle(graph, changed, partners, mixing(block));
      }
      if (!changed.equals(output)) {
        graph.edits().redirect(output, changed, readers);
      }
    }
    return new Attached(graph, parameters);
  }

  private static String chain(
      GraphBuilder graph, String x, int block, Map<String, Constant> parameters) {
    Ops ops = graph.ops();
    String sign = ops.stopGradient(ops.sign(x));
    String size = ops.mul(x, sign);
    for (int layer = 0; layer < LAYERS; layer++) {
      String name = "itta/block%d.%d.".formatted(block, layer);
      String scale = parameter(graph, name + "scale", x, 1, parameters);
      String shift = parameter(graph, name + "shift", x, 0, parameters);
      size = ops.add(ops.mul(size, scale), shift);
      size = layer < LAYERS - 1 ? ops.relu(size) : size;
    }
    return ops.mul(size, sign);
  }

  private static String parameter(
      GraphBuilder graph, String name, String like, double value, Map<String, Constant> all) {
    long tokens = graph.type(like).shape().size(1);
    long features = graph.type(like).shape().size(2);
    double[] values = new double[Math.toIntExact(tokens * features)];
    Arrays.fill(values, value);
    all.put(name, Constant.ofDoubles(graph.type(like).type(), values, tokens, features));
    return graph.input(name, all.get(name).type());
  }

  private static String mixStyle(GraphBuilder graph, String x, String partners, String mixing) {
    Ops ops = graph.ops();
    long rows = ops.shape(x).size(0);
    long tokens = ops.shape(x).size(1);
    String known = ops.stopGradient(x);
    String mean = ops.reduceMean(known, false, 1);
    String centred = ops.sub(known, ops.unsqueeze(mean, 1));
    String squares = ops.reduceSum(ops.mul(centred, centred), false, 1);
    String variance = ops.mul(squares, 1.0 / Math.max(1, tokens - 1));
    String deviation = ops.sqrt(ops.add(variance, EPSILON));
    String share = ops.unsqueeze(graph.input(mixing, ValueType.of(ops.type(x).type(), rows)), 1);
    String otherMean = ops.matMul(partners, mean);
    String otherDeviation = ops.matMul(partners, deviation);
    // without a share both are exactly x
    String ratio = ops.add(ops.mul(share, ops.add(ops.div(otherDeviation, deviation), -1)), 1);
    String mixedMean = ops.add(mean, ops.mul(share, ops.sub(otherMean, mean)));
    String offset = ops.sub(mixedMean, ops.mul(mean, ratio));
    return ops.add(ops.mul(x, ops.unsqueeze(ratio, 1)), ops.unsqueeze(offset, 1));
  }
}
