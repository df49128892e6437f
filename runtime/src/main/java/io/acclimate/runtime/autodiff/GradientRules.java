package io.acclimate.runtime.autodiff;

import io.acclimate.runtime.graph.Node;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The gradient rules by operator. Immutable and thread-safe; {@link #with} makes a copy with a rule
 * of the user's.
 */
public final class GradientRules {
  private static final GradientRules BUILT_IN = new GradientRules(builtIn());

  private final Map<String, GradientRule> rules;

  private GradientRules(Map<String, GradientRule> rules) {
    this.rules = Map.copyOf(rules);
  }

  private static Map<String, GradientRule> builtIn() {
    Map<String, GradientRule> rules = new HashMap<>();
    ArithmeticGradients.register(rules);
    ActivationGradients.register(rules);
    MatrixGradients.register(rules);
    EinsumGradient.register(rules);
    ReductionGradients.register(rules);
    LayoutGradients.register(rules);
    PartGradients.register(rules);
    ScatterGradients.register(rules);
    ResamplingGradients.register(rules);
    IndexGradients.register(rules);
    NormalizationGradients.register(rules);
    SpatialGradients.register(rules);
    return rules;
  }

  /** The rules that come with the library. */
  public static GradientRules builtInRules() {
    return BUILT_IN;
  }

  /**
   * These rules and one more, which replaces one for the same operator.
   *
   * @param op the operator, with its domain and a dot before it when it is not ONNX's own
   */
  public GradientRules with(String op, GradientRule rule) {
    Map<String, GradientRule> more = new HashMap<>(rules);
    more.put(op, rule);
    return new GradientRules(more);
  }

  /** The rule of a node's operator. */
  public Optional<GradientRule> find(Node node) {
    return Optional.ofNullable(rules.get(node.qualifiedOp()));
  }

  /** The operators that have a rule. */
  public Set<String> operators() {
    return new TreeSet<>(rules.keySet());
  }
}
