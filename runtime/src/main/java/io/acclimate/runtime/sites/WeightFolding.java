package io.acclimate.runtime.sites;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.graph.Constant;
import io.acclimate.runtime.graph.GraphBuilder;
import io.acclimate.runtime.graph.ModelGraph;
import io.acclimate.runtime.graph.Node;
import io.acclimate.runtime.graph.Ops;
import io.acclimate.runtime.graph.Shape;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;

/**
 * Adds changes to the weights of a graph: what is left is a plain model without parameters.
 *
 * <p>The graph may be the one in which the sites were found, or the open model that it was
 * specialised from, as long as that has the same constants.
 */
public final class WeightFolding {
  private final ModelGraph graph;
  private final GraphBuilder builder;

  private WeightFolding(ModelGraph graph) {
    this.graph = graph;
    this.builder = graph.toBuilder();
  }

  /**
   * Folds changes into a graph.
   *
   * @param deltas a change for each site; several sites may share a weight
   * @return a graph with other weights and otherwise equal
   * @throws AcclimateException when the graph lacks a constant, or a shape does not fit
   */
  public static ModelGraph fold(ModelGraph graph, Map<Site, WeightDelta> deltas) {
    WeightFolding folding = new WeightFolding(graph);
    deltas.forEach(folding::fold);
    return folding.builder.build();
  }

  private void fold(Site site, WeightDelta delta) {
    Weights weights = site.requireWeights();
    delta.weight().ifPresent(change -> foldWeight(site, weights, change));
    delta
        .bias()
        .ifPresent(
            change ->
                weights
                    .bias()
                    .ifPresentOrElse(
                        use -> foldBias(site, use, change), () -> addBias(site, change)));
  }

  private void foldWeight(Site site, Weights weights, Tensor change) {
    Constant old = constant(site, weights.weight());
    double[] values = old.toDoubles();
    double[] added = Constant.of(change).toDoubles();
    Shape shape = old.type().shape();
    if (!site.kind().isLinear()) {
      requireShape(site, "weight", change, shape);
      add(values, added, 0);
    } else {
      requireShape(site, "weight", change, Shape.of(site.out(), site.in()));
      requireRoom(site, weights, shape);
      int in = Math.toIntExact(site.in());
      int width = Math.toIntExact(shape.size(1));
      int first = Math.toIntExact(weights.firstColumn());
      for (int o = 0; o < site.out(); o++) {
        for (int i = 0; i < in; i++) {
          int row = weights.transposed() ? first + o : i;
          int column = weights.transposed() ? i : first + o;
          values[row * width + column] += added[o * in + i];
        }
      }
    }
    put(weights.weight(), Constant.ofDoubles(old.type().type(), values, shape.sizes()));
  }

  private static void requireRoom(Site site, Weights weights, Shape found) {
    long in = found.size(weights.transposed() ? 1 : 0);
    long out = found.size(weights.transposed() ? 0 : 1);
    if (in != site.in() || out < weights.firstColumn() + site.out()) {
      throw new AcclimateException(
          "site %s: expected a weight for %d inputs and at least %d outputs, found '%s' %s"
              .formatted(
                  site.id(),
                  site.in(),
                  weights.firstColumn() + site.out(),
                  weights.weight().constant(),
                  found));
    }
  }

  private void foldBias(Site site, ConstantUse use, Tensor change) {
    Constant old = constant(site, use);
    Shape shape = old.type().shape();
    double[] values = old.toDoubles();
    if (site.kind().isLinear()) {
      requireShape(site, "bias", change, Shape.of(site.out()));
      long first = site.requireWeights().firstColumn();
      add(values, Constant.of(change).toDoubles(), Math.toIntExact(first));
    } else {
      requireShape(site, "bias", change, shape);
      add(values, Constant.of(change).toDoubles(), 0);
    }
    put(use, Constant.ofDoubles(old.type().type(), values, shape.sizes()));
  }

  private static void add(double[] values, double[] added, int first) {
    for (int i = 0; i < added.length; i++) {
      values[first + i] += added[i];
    }
  }

  /** A linear layer without a bias gets one behind it. */
  private void addBias(Site site, Tensor change) {
    requireShape(site, "bias", change, Shape.of(site.out()));
    if (!builder.has(site.output()) || graph.outputs().contains(site.output())) {
      throw new AcclimateException(
          "site %s: graph %s has no place to add a bias".formatted(site.id(), graph.name()));
    }
    List<String> readers = graph.consumers(site.output()).stream().map(Node::name).toList();
    long width = builder.type(site.output()).shape().size(-1);
    double[] bias = new double[Math.toIntExact(width)];
    int first = Math.toIntExact(site.requireWeights().firstColumn());
    add(bias, Constant.of(change).toDoubles(), first);
    Ops ops = builder.ops();
    String constant =
        builder.constant(Constant.ofDoubles(ops.type(site.output()).type(), bias, width));
    builder
        .edits()
        .redirect(site.output(), ops.add(site.output(), constant), new HashSet<>(readers));
  }

  private Constant constant(Site site, ConstantUse use) {
    String present = present(use);
    return builder
        .constantValue(present)
        .orElseThrow(
            () ->
                new AcclimateException(
                    "site %s: graph %s has no constant '%s'"
                        .formatted(site.id(), graph.name(), use.constant())));
  }

  /** The constant that stands at a place now: earlier folds may have made one of its own. */
  private String present(ConstantUse use) {
    return builder.nodes().stream()
        .filter(node -> node.name().equals(use.node()))
        .findFirst()
        .map(node -> node.input(use.operand()))
        .filter(operand -> operand.startsWith(use.constant() + "."))
        .orElse(use.constant());
  }

  /** Replaces a constant; one that others read too is left to them. */
  private void put(ConstantUse use, Constant value) {
    String present = present(use);
    List<Node> readers =
        builder.nodes().stream().filter(node -> node.inputs().contains(present)).toList();
    if (readers.size() <= 1 && !graph.outputs().contains(present)) {
      builder.edits().replaceConstant(present, value);
      return;
    }
    Node node =
        readers.stream()
            .filter(reader -> reader.name().equals(use.node()))
            .findFirst()
            .orElseThrow(
                () ->
                    new AcclimateException(
                        "constant '%s' of graph %s is read by several nodes, none of which is '%s'"
                            .formatted(present, graph.name(), use.node())));
    List<String> operands = new ArrayList<>(node.inputs());
    operands.set(use.operand(), builder.constant(builder.fresh(present), value));
    builder.edits().replace(node.name(), node.withInputs(operands));
  }

  private static void requireShape(Site site, String what, Tensor found, Shape expected) {
    if (!Shape.of(found.shape()).equals(expected)) {
      throw new AcclimateException(
          "site %s: expected a change of the %s of shape %s, found %s"
              .formatted(site.id(), what, expected, found));
    }
  }
}
