package io.acclimate.runtime.graph;

import io.acclimate.runtime.AcclimateException;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The types of operators' results. Rules for ONNX's own operators are built in; others can be
 * registered. Thread-safe.
 */
public final class ShapeInference {
  private static final Map<String, ShapeRule> RULES = new ConcurrentHashMap<>();

  static {
    ElementwiseShapes.register(RULES);
    ReductionShapes.register(RULES);
    LayoutShapes.register(RULES);
    PartShapes.register(RULES);
    IndexShapes.register(RULES);
    MatrixShapes.register(RULES);
    SpatialShapes.register(RULES);
    ResamplingShapes.register(RULES);
  }

  private ShapeInference() {}

  /**
   * Adds a rule, or replaces one.
   *
   * @param op the operator, with its domain and a dot before it when it is not ONNX's own
   */
  public static void register(String op, ShapeRule rule) {
    RULES.put(op, rule);
  }

  /** The operators with a rule. */
  public static TreeSet<String> known() {
    return new TreeSet<>(RULES.keySet());
  }

  /** Infers the types of a node's results. */
  static List<ValueType> infer(Node node, GraphBuilder graph) {
    ShapeRule rule = RULES.get(node.qualifiedOp());
    if (rule == null) {
      throw new AcclimateException("%s: no shape rule for this operator".formatted(node));
    }
    try {
      List<ValueType> types = rule.infer(new ShapeContext(node, graph));
      if (types.size() < node.outputs().stream().filter(v -> !v.isEmpty()).count()) {
        throw new AcclimateException(
            "expected at most %d results, found %d".formatted(types.size(), node.outputs().size()));
      }
      return types;
    } catch (AcclimateException e) {
      throw new AcclimateException(node + ": " + e.getMessage(), e);
    }
  }
}
