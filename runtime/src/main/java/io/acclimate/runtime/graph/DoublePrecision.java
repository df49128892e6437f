package io.acclimate.runtime.graph;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.DType;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Rewrites a graph to compute in {@link DType#FLOAT64}, so that derived gradients can be compared
 * with differences.
 *
 * <p>Inputs, constants, casts and results that were of lower precision become FLOAT64; names stay.
 * Operators for which ONNX Runtime has no double kernel on the CPU, or one that computes parts in
 * single precision, are written with others. Such graphs are for checks: they are exact to about
 * 1e-14, and slower than those that they stand for. Thread-safe.
 */
public final class DoublePrecision {
  private static final Map<String, Decomposition> LOWERINGS = lowerings();

  private DoublePrecision() {}

  private static Map<String, Decomposition> lowerings() {
    Map<String, Decomposition> all = new HashMap<>(Decompositions.all());
    ElementwiseLowerings.register(all);
    NormalizationLowerings.register(all);
    SpatialLowerings.register(all);
    return Map.copyOf(all);
  }

  /**
   * The same graph in double precision.
   *
   * @throws AcclimateException when the shape that a lowered operator needs is open
   */
  public static ModelGraph of(ModelGraph graph) {
    ModelGraph lowered = rebuild(graph);
    while (lowered.nodes().stream().anyMatch(DoublePrecision::isLowered)) {
      lowered = rebuild(lowered);
    }
    return lowered;
  }

  private static boolean isLowered(Node node) {
    return LOWERINGS.containsKey(node.qualifiedOp());
  }

  private static ModelGraph rebuild(ModelGraph graph) {
    GraphBuilder builder = new GraphBuilder(graph.name());
    graph.opsets().forEach(builder::opset);
    graph.metadata().forEach(builder::metadata);
    builder.reserve(names(graph));
    for (String input : graph.inputs()) {
      builder.input(input, wide(graph.type(input)));
    }
    graph.constants().forEach((name, constant) -> builder.constant(name, wide(constant)));
    for (Node node : graph.nodes()) {
      if (isLowered(node)) {
        lower(builder, node);
      } else {
        builder.add(wide(node));
      }
    }
    graph.outputs().forEach(builder::output);
    return builder.build();
  }

  private static Set<String> names(ModelGraph graph) {
    Set<String> names = new HashSet<>(graph.types().keySet());
    for (Node node : graph.nodes()) {
      names.add(node.name());
      names.addAll(node.outputs());
    }
    return names;
  }

  private static void lower(GraphBuilder builder, Node node) {
    List<String> results =
        LOWERINGS.get(node.qualifiedOp()).build(builder.ops(), node, node.inputs());
    for (int i = 0; i < node.outputs().size(); i++) {
      String output = node.outputs().get(i);
      if (output.isEmpty()) {
        continue;
      }
      if (i >= results.size()) {
        throw new AcclimateException(
            "%s: result %d is not known in double precision".formatted(node, i));
      }
      List<String> result = List.of(results.get(i));
      String name = builder.fresh("Identity.node");
      builder.add(new Node(name, "Identity", "", result, List.of(output), Attributes.NONE));
    }
  }

  private static boolean isNarrow(DType type) {
    return type == DType.FLOAT32 || type == DType.FLOAT16;
  }

  private static ValueType wide(ValueType type) {
    return isNarrow(type.type()) ? type.withType(DType.FLOAT64) : type;
  }

  private static Constant wide(Constant constant) {
    return isNarrow(constant.type().type())
        ? Constant.ofDoubles(DType.FLOAT64, constant.toDoubles(), constant.type().shape().sizes())
        : constant;
  }

  /** A node whose attributes ask for no lower precision. */
  private static Node wide(Node node) {
    Attributes attributes = node.attributes();
    for (String name : List.of("to", "dtype")) {
      if (attributes.has(name) && isNarrow(DType.ofOnnxCode((int) attributes.integer(name, 0)))) {
        attributes = attributes.and(name, DType.FLOAT64.onnxCode());
      }
    }
    if (node.is("ConstantOfShape")) {
      Constant zero = Constant.ofDoubles(DType.FLOAT32, new double[] {0}, 1);
      Constant value = attributes.has("value") ? attributes.constant("value") : zero;
      attributes = attributes.and("value", wide(value));
    }
    return new Node(
        node.name(), node.op(), node.domain(), node.inputs(), node.outputs(), attributes);
  }
}
