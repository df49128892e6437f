package io.acclimate.bank.serving;

import io.acclimate.bank.pet.HeadModule;
import io.acclimate.bank.pet.HeadSettings;
import io.acclimate.bank.pet.LoraModule;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.graph.Attributes;
import io.acclimate.runtime.graph.Dim;
import io.acclimate.runtime.graph.GraphBuilder;
import io.acclimate.runtime.graph.ModelGraph;
import io.acclimate.runtime.graph.Node;
import io.acclimate.runtime.graph.Ops;
import io.acclimate.runtime.graph.Shape;
import io.acclimate.runtime.graph.ValueType;
import io.acclimate.runtime.sites.Site;
import io.acclimate.runtime.sites.SiteFinder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Writes a {@link MixedGraph}. Places are found in a graph of fixed shapes; the changes are hung
 * into the open model at the nodes that read the same weights, so one session serves any batch. Not
 * thread-safe.
 */
final class MixedGraphWriter {
  private final ModelGraph open;
  private final List<Site> sites;
  private final ServingSettings settings;
  private final GraphBuilder builder;
  private final Ops ops;
  private final Dim batch;
  private final Map<String, String> rowShapes = new HashMap<>();
  private String slots;

  MixedGraphWriter(ModelGraph open, ModelGraph fixed, ServingSettings settings) {
    this.open = open;
    this.sites = SiteFinder.find(fixed);
    this.settings = settings;
    this.builder = open.toBuilder();
    this.ops = builder.ops();
    this.batch = open.type(open.inputs().get(0)).shape().dim(0);
    open.nodes().forEach(node -> builder.reserve(node.outputs()));
  }

  MixedGraph write(Map<String, Long> checkedSizes) {
    slots = builder.input(MixedGraph.SLOTS, new ValueType(DType.INT64, batch()));
    List<Site> linear = new LoraModule(settings.lora()).select(sites);
    if (linear.isEmpty()) {
      throw new AcclimateException(
          "model %s has no place for %s".formatted(open.name(), settings.lora()));
    }
    linear.forEach(this::hang);
    int frozenClasses = frozenClasses();
    Optional<Site> head =
        settings.head().classes() > 0 ? Optional.of(headSite()) : Optional.empty();
    int classes =
        head.isPresent() ? Math.max(settings.head().classes(), frozenClasses) : frozenClasses;
    head.ifPresent(site -> hangHead(site, classes, frozenClasses));
    MixedGraph.Places places = new MixedGraph.Places(linear, head, classes, frozenClasses);
    return new MixedGraph(builder.build(), settings, places, checkedSizes);
  }

  private Shape batch(Dim... others) {
    return new Shape(List.of(batch)).concat(new Shape(List.of(others)));
  }

  private String stack(Site site, String parameter, long... sizes) {
    Shape shape = Shape.of(settings.slots() + 1).concat(Shape.of(sizes));
    return builder.input(MixedGraph.stack(site, parameter), new ValueType(DType.FLOAT32, shape));
  }

  /** Adds {@code (x A) B} of each row's slot to the product of a linear layer. */
  private void hang(Site site) {
    Node product = product(site);
    int rank = settings.lora().rank();
    String a = ops.gather(stack(site, "A", site.in(), rank), slots, 0);
    String b = ops.gather(stack(site, "B", rank, site.out()), slots, 0);
    String change = ops.matMul(ops.matMul(rows(product.input(0), site.in()), a), b);
    long width = width(product);
    if (width != site.out()) {
      long first = site.requireWeights().firstColumn();
      long rest = width - first - site.out();
      change = ops.op("Pad", Attributes.NONE, change, ops.list(0, 0, first, 0, 0, rest));
    }
    replace(product.output(), change);
  }

  /** The open model's node that reads the weight of a site. */
  private Node product(Site site) {
    String weight = site.requireWeights().weight().constant();
    List<Node> readers =
        builder.nodes().stream()
            .filter(node -> node.is("MatMul") || node.is("Gemm"))
            .filter(node -> node.input(1).equals(weight))
            .toList();
    if (readers.size() != 1) {
      throw new AcclimateException(
          "model %s, site %s: expected one matrix product with '%s', found %d"
              .formatted(open.name(), site.id(), weight, readers.size()));
    }
    return readers.get(0);
  }

  private long width(Node product) {
    boolean transposed = product.attributes().integer("transB", 0) != 0;
    return open.type(product.input(1)).shape().size(transposed ? 0 : 1);
  }

  /** A value whose rows lie together, as {@code [batch, rest, size]}. */
  private String rows(String value, long size) {
    String rows = builder.fresh("adapter-rows");
    ValueType type =
        new ValueType(DType.FLOAT32, batch(Dim.symbol(rows + "-per-sample"), Dim.of(size)));
    adopt("Reshape", rows, type, value, rowShape(-1, size));
    return rows;
  }

  /** The list of the batch's size and these. */
  private String rowShape(long... sizes) {
    return rowShapes.computeIfAbsent(
        Arrays.toString(sizes),
        key -> ops.concat(0, List.of(ops.op("Shape", Attributes.NONE, slots), ops.list(sizes))));
  }

  private void adopt(String op, String result, ValueType type, String... operands) {
    Node node =
        new Node(
            builder.fresh(op + ".node"),
            op,
            "",
            List.of(operands),
            List.of(result),
            Attributes.NONE);
    builder.adopt(node, type == null ? Map.of() : Map.of(result, type));
  }

  /** Puts the sum of a value and a change in the value's place. */
  private void replace(String value, String change) {
    List<String> readers =
        builder.nodes().stream()
            .filter(node -> node.inputs().contains(value))
            .map(Node::name)
            .toList();
    boolean isOutput = open.outputs().contains(value);
    ValueType type = open.types().get(value);
    String frozen = value;
    String sum = value;
    if (isOutput) {
      frozen = builder.fresh(value + ".frozen");
      builder.edits().rename(value, frozen);
    } else {
      sum = builder.fresh("adapted");
    }
    String sizes = builder.fresh("adapter-sizes");
    String shaped = builder.fresh("adapter-change");
    adopt("Shape", sizes, null, frozen);
    adopt("Reshape", shaped, type, change, sizes);
    adopt("Add", sum, type, frozen, shaped);
    for (Node node : builder.nodes()) {
      if (readers.contains(node.name())) {
        builder.edits().replace(node.name(), node.withInputs(renamed(node.inputs(), frozen, sum)));
      }
    }
  }

  private static List<String> renamed(List<String> values, String from, String to) {
    List<String> renamed = new ArrayList<>(values);
    renamed.replaceAll(value -> value.equals(from) ? to : value);
    return renamed;
  }

  private int frozenClasses() {
    String logits = settings.head().logits();
    return sites.stream()
        .filter(site -> site.output().equals(logits) && open.outputs().contains(logits))
        .mapToInt(site -> Math.toIntExact(site.out()))
        .findFirst()
        .orElse(0);
  }

  private Site headSite() {
    ServingSettings.Head head = settings.head();
    HeadSettings module =
        new HeadSettings(
            head.features(), head.pooling(), head.mask(), head.logits(), head.classes(), 0);
    List<Site> found = new HeadModule(module).select(sites);
    if (found.isEmpty()) {
      throw new AcclimateException(
          "model %s has no place for heads: expected an output '%s' (head.features), found %s"
              .formatted(open.name(), head.features(), open.outputs()));
    }
    return found.get(0);
  }

  /** Where a row's slot has a head its logits are given, else the frozen model's. */
  private void hangHead(Site site, int classes, int frozenClasses) {
    ServingSettings.Head head = settings.head();
    String weight = ops.gather(stack(site, "weight", site.in(), classes), slots, 0);
    String bias = ops.gather(stack(site, "bias", 1, classes), slots, 0);
    String features =
        head.features().isEmpty()
            ? product(site).input(0)
            : head.pooling().append(ops, head.features(), head.mask());
    String product = ops.add(ops.matMul(rows(features, site.in()), weight), bias);
    String logits = builder.fresh("adapter-logits");
    ValueType type = new ValueType(DType.FLOAT32, batch(Dim.of(classes)));
    adopt("Reshape", logits, type, product, rowShape(classes));
    if (frozenClasses == 0) {
      builder.output(head.logits(), logits);
      return;
    }
    String frozen = builder.fresh(head.logits() + ".frozen");
    builder.edits().rename(head.logits(), frozen);
    String padded =
        classes == frozenClasses
            ? frozen
            : ops.op("Pad", Attributes.NONE, frozen, ops.list(0, 0, 0, classes - frozenClasses));
    String present = ops.gather(stack(site, "present", 1), slots, 0);
    String chosen = ops.where(ops.greater(present, ops.scalarLike(present, 0.5)), logits, padded);
    builder.output(head.logits(), chosen);
  }
}
