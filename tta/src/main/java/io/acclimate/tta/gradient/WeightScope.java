package io.acclimate.tta.gradient;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.graph.Constant;
import io.acclimate.runtime.graph.GraphBuilder;
import io.acclimate.runtime.graph.Node;
import io.acclimate.runtime.method.ParameterGroup;
import io.acclimate.tta.DifferentiableModel;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Which of the model's own weights a method changes. */
public enum WeightScope implements ParameterChoice {
  /** Scale and shift of normalisation layers. */
  NORM(ParameterGroup.NORM_AFFINE),
  /**
   * All weights of linear layers, convolutions and normalisation layers, with biases and learned
   * positions. Running statistics of batch normalisation are none.
   */
  ALL(ParameterGroup.ALL);

  private static final Set<String> NORMALISATIONS =
      Set.of(
          "LayerNormalization",
          "RMSNormalization",
          "BatchNormalization",
          "InstanceNormalization",
          "GroupNormalization");
  private static final Set<String> WEIGHTED =
      Set.of("MatMul", "Gemm", "Conv", "ConvTranspose", "Add", "Mul", "Concat", "Einsum");

  private final ParameterGroup group;

  WeightScope(ParameterGroup group) {
    this.group = group;
  }

  /** The group as descriptors name it. */
  public ParameterGroup group() {
    return group;
  }

  @Override
  public ParameterScope of(DifferentiableModel model, double skippedShare) {
    // what folding has made of the file's constants depends on the batch size, and is not changed
    Map<String, Constant> stored = model.graphs().open().constants();
    return pruned -> {
      GraphBuilder graph = pruned.toBuilder();
      Map<String, Constant> lifted = new LinkedHashMap<>();
      Set<Node> skipped = lastNormalisations(graph.nodes(), skippedShare);
      for (Node node : graph.nodes()) {
        if (skipped.contains(node)) {
          continue;
        }
        for (String value : candidates(node)) {
          Constant constant = graph.constantValue(value).orElse(null);
          if (constant != null && isWeight(constant) && stored.containsKey(value)) {
            lifted.put(value, graph.edits().lift(value));
          }
        }
      }
      if (lifted.isEmpty()) {
        throw new AcclimateException(
            "the model has no %s that could be changed"
                .formatted(this == NORM ? "normalisation layer" : "weight"));
      }
      return new ParameterScope.Attached(graph, lifted);
    };
  }

  /** The names of a graph's weights in this scope, left constants. */
  List<String> names(GraphBuilder graph) {
    return graph.nodes().stream()
        .flatMap(node -> candidates(node).stream())
        .filter(value -> graph.constantValue(value).filter(WeightScope::isWeight).isPresent())
        .distinct()
        .toList();
  }

  private static Set<Node> lastNormalisations(List<Node> nodes, double share) {
    List<Node> all = nodes.stream().filter(WeightScope::isNormalisation).toList();
    int kept = all.size() - (int) (share * all.size());
    return new HashSet<>(all.subList(kept, all.size()));
  }

  private static boolean isNormalisation(Node node) {
    return node.domain().isEmpty() && NORMALISATIONS.contains(node.op());
  }

  private List<String> candidates(Node node) {
    if (isNormalisation(node)) {
      return node.inputs().subList(1, Math.min(3, node.inputs().size()));
    }
    boolean weighted = this == ALL && node.domain().isEmpty() && WEIGHTED.contains(node.op());
    return weighted ? node.inputs() : List.of();
  }

  private static boolean isWeight(Constant constant) {
    return constant.type().type().isFloating() && constant.elements() > 1;
  }
}
