package io.acclimate.runtime.sites;

import io.acclimate.runtime.graph.Node;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The transformer blocks of a graph: each has an attention to itself, or several when others attend
 * to another sequence, and the feed-forward networks that follow.
 */
final class Blocks {
  private static final Set<String> AFTER_HEAD =
      Set.of("Softmax", "LogSoftmax", "Sigmoid", "Identity", "Cast", "Reshape", "Squeeze");

  private static final class Block {
    final List<Attention> attentions = new ArrayList<>();
    final List<FeedForward> feedForwards = new ArrayList<>();
    final List<Sublayer> sublayers = new ArrayList<>();
  }

  private record Part(int order, Attention attention, FeedForward feedForward) {}

  private final GraphWalk walk;
  private final List<Block> blocks = new ArrayList<>();
  private final Map<Norm, Integer> layers = new HashMap<>();
  private final Map<Sublayer, Norm> normOf = new HashMap<>();

  private Blocks(GraphWalk walk) {
    this.walk = walk;
  }

  static Blocks of(
      GraphWalk walk,
      List<Attention> attentions,
      List<FeedForward> feedForwards,
      List<Norm> norms) {
    List<Part> parts = new ArrayList<>();
    attentions.forEach(one -> parts.add(new Part(walk.order(one.softmax()), one, null)));
    feedForwards.forEach(one -> parts.add(new Part(walk.order(one.down().node()), null, one)));
    parts.sort(Comparator.comparingInt(Part::order));
    Blocks result = new Blocks(walk);
    parts.forEach(result::add);
    for (int layer = 0; layer < result.blocks.size(); layer++) {
      for (Sublayer sublayer : result.blocks.get(layer).sublayers) {
        result.assignNorm(layer, sublayer, norms);
      }
    }
    return result;
  }

  private void add(Part part) {
    Block last = blocks.isEmpty() ? null : blocks.get(blocks.size() - 1);
    boolean opens =
        last == null
            || (part.attention() == null
                ? !last.feedForwards.isEmpty()
                : part.attention().isSelf(walk) || !last.feedForwards.isEmpty());
    if (opens) {
      last = new Block();
      blocks.add(last);
    }
    if (part.attention() != null) {
      last.attentions.add(part.attention());
      last.sublayers.add(part.attention().sublayer());
    } else {
      last.feedForwards.add(part.feedForward());
      last.sublayers.add(part.feedForward().sublayer());
    }
  }

  private void assignNorm(int layer, Sublayer sublayer, List<Norm> norms) {
    Optional<String> sum = sublayer.sum().map(Node::output);
    norms.stream()
        .filter(
            norm ->
                sublayer.isPostNorm()
                    ? sum.filter(norm.input()::equals).isPresent()
                    : norm.output().equals(sublayer.input()))
        .findFirst()
        .ifPresent(
            norm -> {
              layers.putIfAbsent(norm, layer);
              normOf.put(sublayer, norm);
            });
  }

  int count() {
    return blocks.size();
  }

  List<Attention> attentions(int layer) {
    return blocks.get(layer).attentions;
  }

  List<FeedForward> feedForwards(int layer) {
    return blocks.get(layer).feedForwards;
  }

  /** The block of a normalisation, -1 when it belongs to none. */
  int layer(Norm norm) {
    return layers.getOrDefault(norm, -1);
  }

  /** The value of the residual stream that enters a block. */
  String input(int layer) {
    Sublayer first = blocks.get(layer).sublayers.get(0);
    return first.residual().isEmpty() ? first.input() : first.residual();
  }

  /** The value of the residual stream that leaves a block, where there is a stream. */
  Optional<String> output(int layer) {
    List<Sublayer> sublayers = blocks.get(layer).sublayers;
    Sublayer last = sublayers.get(sublayers.size() - 1);
    Norm norm = normOf.get(last);
    return last.sum().map(sum -> last.isPostNorm() && norm != null ? norm.output() : sum.output());
  }

  /** The residual stream that enters the first block. */
  Optional<String> tokens() {
    return blocks.isEmpty() ? Optional.empty() : Optional.of(input(0));
  }

  /** Whether a linear layer's result is an output of the graph, with a softmax at most. */
  boolean isHead(Linear linear) {
    String value = linear.output();
    Optional<Node> reader = Optional.empty();
    do {
      if (walk.graph().outputs().contains(value)) {
        return true;
      }
      reader = walk.onlyReader(value).filter(node -> AFTER_HEAD.contains(node.op()));
      value = reader.map(Node::output).orElse("");
    } while (reader.isPresent());
    return false;
  }
}
