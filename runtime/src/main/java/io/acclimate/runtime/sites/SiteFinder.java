package io.acclimate.runtime.sites;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.graph.Constant;
import io.acclimate.runtime.graph.ModelGraph;
import io.acclimate.runtime.graph.Node;
import io.acclimate.runtime.graph.Shape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Finds the {@linkplain Site sites} of a graph by its structure; names play no part, so models of
 * any exporter work.
 *
 * <p>A linear layer is a matrix product with a constant; an attention is a softmax between two
 * products of computed values, traced back to its projections; a feed-forward network is a linear
 * layer, an activation and a linear layer within a residual stream. What fits no pattern is left
 * out, or stays a plain {@link SiteKind#LINEAR}.
 */
public final class SiteFinder {
  private final GraphWalk walk;
  private final Map<String, Linear> linears;
  private final List<Attention> attentions;
  private final List<FeedForward> feedForwards;
  private final List<Norm> norms;
  private final Blocks blocks;
  private final Set<Linear> named = new LinkedHashSet<>();
  private final List<Site> sites = new ArrayList<>();
  private final Map<String, Integer> counters = new HashMap<>();

  private SiteFinder(ModelGraph graph) {
    walk = new GraphWalk(graph);
    linears = Linear.findAll(walk);
    attentions = Attention.findAll(walk, linears);
    Set<Linear> taken = new LinkedHashSet<>();
    for (Attention attention : attentions) {
      taken.add(attention.query().linear());
      taken.add(attention.key().linear());
      taken.add(attention.value().linear());
      attention.result().ifPresent(taken::add);
    }
    feedForwards = FeedForward.findAll(walk, linears, taken);
    norms = Norm.findAll(walk);
    blocks = Blocks.of(walk, attentions, feedForwards, norms);
  }

  /**
   * Finds the sites of a graph.
   *
   * @param graph of fixed shapes, as a {@link io.acclimate.runtime.graph.Specializer} makes it
   * @return the sites: those of the blocks first, block by block
   * @throws AcclimateException when a dimension is open
   */
  public static List<Site> find(ModelGraph graph) {
    if (!graph.isStatic()) {
      throw new AcclimateException(
          "graph %s: expected fixed shapes to find sites, found open dimensions"
              .formatted(graph.name()));
    }
    return new SiteFinder(graph).find();
  }

  private List<Site> find() {
    for (int layer = 0; layer < blocks.count(); layer++) {
      block(layer);
    }
    for (Norm norm : norms) {
      if (blocks.layer(norm) < 0) {
        norm(numbered("norm"), -1, norm);
      }
    }
    linears.values().stream().filter(linear -> !named.contains(linear)).forEach(this::linear);
    walk.graph().nodes().stream().filter(node -> node.is("Conv")).forEach(this::convolution);
    blocks.tokens().ifPresent(value -> stream("tokens", SiteKind.TOKENS, -1, value, value));
    ends("input", SiteKind.INPUT, walk.graph().inputs());
    ends("output", SiteKind.OUTPUT, walk.graph().outputs());
    return List.copyOf(sites);
  }

  private void block(int layer) {
    String block = "block" + layer;
    for (Attention attention : blocks.attentions(layer)) {
      attention(unique(block + ".attention"), layer, attention);
    }
    for (FeedForward network : blocks.feedForwards(layer)) {
      feedForward(unique(block + ".ffn"), layer, network);
    }
    for (Norm norm : norms) {
      if (blocks.layer(norm) == layer) {
        norm(numberedFromOne(block + ".norm"), layer, norm);
      }
    }
    blocks
        .output(layer)
        .ifPresent(
            output -> stream(block, SiteKind.BLOCK_OUTPUT, layer, blocks.input(layer), output));
  }

  private void attention(String id, int layer, Attention attention) {
    projection(id + ".q", SiteKind.ATTENTION_Q, layer, attention.query());
    projection(id + ".k", SiteKind.ATTENTION_K, layer, attention.key());
    projection(id + ".v", SiteKind.ATTENTION_V, layer, attention.value());
    attention.result().ifPresent(linear -> linear(id + ".o", SiteKind.ATTENTION_O, layer, linear));
    Heads heads = attention.heads();
    Flow core =
        new Flow(
            heads.query(),
            Set.of(),
            attention.context(),
            "",
            heads.keyHeads() * heads.headSize(),
            walk.shape(heads.value()).size(-1) * heads.keyHeads());
    sites.add(new Site(id + ".kv", SiteKind.KV, layer, core, Optional.empty(), Optional.of(heads)));
    sublayer(id, SiteKind.ATTENTION_OUTPUT, layer, attention.sublayer());
  }

  private void feedForward(String id, int layer, FeedForward network) {
    for (int i = 0; i < network.up().size(); i++) {
      String name = network.up().size() == 1 ? ".up" : ".up" + (i + 1);
      linear(id + name, SiteKind.FFN_UP, layer, network.up().get(i));
    }
    linear(id + ".down", SiteKind.FFN_DOWN, layer, network.down());
    sublayer(id, SiteKind.FFN_OUTPUT, layer, network.sublayer());
  }

  private void sublayer(String id, SiteKind kind, int layer, Sublayer sublayer) {
    Flow flow =
        new Flow(
            sublayer.input(),
            sublayer.readers(),
            sublayer.output(),
            sublayer.residual(),
            features(sublayer.input()),
            features(sublayer.output()));
    sites.add(Site.stream(id, kind, layer, flow));
  }

  private void projection(String id, SiteKind kind, int layer, Projection projection) {
    Linear linear = projection.linear();
    if (projection.isWhole()) {
      linear(id, kind, layer, linear);
      return;
    }
    named.add(linear);
    Weights fused = linear.weights();
    Weights weights =
        new Weights(fused.weight(), fused.bias(), fused.transposed(), projection.firstColumn());
    add(id, kind, layer, linear, projection.columns(), weights);
  }

  private void linear(Linear linear) {
    boolean head = blocks.isHead(linear);
    linear(
        head ? unique("head") : numbered("linear"),
        head ? SiteKind.HEAD : SiteKind.LINEAR,
        -1,
        linear);
  }

  private void linear(String id, SiteKind kind, int layer, Linear linear) {
    if (named.add(linear)) {
      add(id, kind, layer, linear, linear.out(), linear.weights());
    }
  }

  private void add(
      String id, SiteKind kind, int layer, Linear linear, long columns, Weights weights) {
    Flow flow =
        new Flow(
            linear.input(),
            Set.of(linear.node().name()),
            linear.output(),
            "",
            linear.in(),
            columns);
    sites.add(new Site(id, kind, layer, flow, Optional.of(weights), Optional.empty()));
  }

  private void norm(String id, int layer, Norm norm) {
    Flow flow =
        new Flow(norm.input(), Set.of(), norm.output(), "", norm.features(), norm.features());
    sites.add(
        new Site(id, SiteKind.NORM, layer, flow, Optional.of(norm.weights()), Optional.empty()));
  }

  private void convolution(Node node) {
    Optional<Constant> kernel = walk.constant(node.input(1));
    if (kernel.isEmpty()) {
      return;
    }
    Optional<ConstantUse> bias =
        walk.constant(node.input(2)).map(b -> new ConstantUse(node.input(2), node.name(), 2));
    Weights weights = new Weights(new ConstantUse(node.input(1), node.name(), 1), bias, false, 0);
    Flow flow =
        new Flow(
            node.input(0),
            Set.of(node.name()),
            node.output(),
            "",
            walk.shape(node.input(0)).size(1),
            kernel.get().type().shape().size(0));
    sites.add(
        new Site(
            numbered("conv"), SiteKind.CONV, -1, flow, Optional.of(weights), Optional.empty()));
  }

  private void stream(String id, SiteKind kind, int layer, String input, String output) {
    Flow flow = new Flow(input, Set.of(), output, "", features(input), features(output));
    sites.add(Site.stream(id, kind, layer, flow));
  }

  private void ends(String id, SiteKind kind, List<String> values) {
    for (String value : values) {
      if (walk.graph().type(value).type().isFloating()) {
        stream(id + "." + value, kind, -1, value, value);
      }
    }
  }

  private long features(String value) {
    Shape shape = walk.shape(value);
    return shape.rank() == 0 ? 1 : shape.size(-1);
  }

  private String numbered(String prefix) {
    return prefix + (counters.merge(prefix, 1, Integer::sum) - 1);
  }

  private String numberedFromOne(String prefix) {
    return prefix + counters.merge(prefix, 1, Integer::sum);
  }

  /** The name itself at first, then with a number. */
  private String unique(String name) {
    int count = counters.merge(name, 1, Integer::sum);
    return count == 1 ? name : name + count;
  }
}
