package io.acclimate.bank.selective;

import io.acclimate.bank.pet.PetParameter;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.graph.Attributes;
import io.acclimate.runtime.graph.Ops;
import io.acclimate.runtime.train.Init;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * One branch of Mamba-FSCIL's projector (Li et al., arXiv 2407.06136): from a frozen model's token
 * map to features. Each token goes through two layers with a normalisation over the whole map
 * between them and gets an embedding of its place; a {@link MambaBlock} goes through the tokens in
 * each of the orders with the same weights; the features are the mean over the tokens of the sum
 * over the orders.
 *
 * <p>With a closed gate the features are exactly 0 at the start, so a branch can be hung beside any
 * features and trained from there, by any loss, at training or at test time. Immutable.
 *
 * @param width the size of a token
 * @param middle the size of a token between the two layers
 * @param block the block; its size is that of the features
 * @param orders in which the block goes through the tokens
 */
public record SelectiveProjector(int width, int middle, MambaBlock block, TokenOrders orders) {
  private static final String EXPAND = "expand";
  private static final String EXPAND_BIAS = "expand-bias";
  private static final String NORM = "norm";
  private static final String NORM_BIAS = "norm-bias";
  private static final String REDUCE = "reduce";
  private static final String PLACE = "place";
  private static final double LEAK = 0.1;
  private static final double PLACE_DEVIATION = 0.02;

  /**
   * What a branch gives.
   *
   * @param features {@code [batch, size]}
   * @param gate the gate before its activation in the tokens' own order, {@code [batch, tokens,
   *     size]}
   * @param select what makes the scan in the tokens' own order selective
   */
  public record Result(String features, String gate, MambaBlock.Selection select) {}

  /** The parameters; equal seeds start them equally. */
  public List<PetParameter> parameters() {
    int tokens = orders.tokens();
    List<PetParameter> parameters = new ArrayList<>();
    parameters.add(PetParameter.of(EXPAND, Init.kaimingUniform(width), middle, width));
    parameters.add(PetParameter.of(EXPAND_BIAS, Init.kaimingUniform(width), middle));
    parameters.add(PetParameter.of(NORM, Init.constant(1), tokens, middle));
    parameters.add(PetParameter.of(NORM_BIAS, Init.zeros(), tokens, middle));
    parameters.add(PetParameter.of(REDUCE, Init.kaimingUniform(middle), block.size(), middle));
    parameters.add(PetParameter.of(PLACE, Init.normal(PLACE_DEVIATION), tokens, block.size()));
    parameters.addAll(block.parameters());
    return parameters;
  }

  /**
   * Appends the branch.
   *
   * @param map {@code [batch, tokens, width]}
   * @param names the graph's name of each parameter
   * @throws AcclimateException when the map has another shape
   */
  public Result append(Ops ops, String map, UnaryOperator<String> names) {
    var shape = ops.shape(map);
    if (shape.rank() != 3 || shape.size(1) != orders.tokens() || shape.size(2) != width) {
      throw new AcclimateException(
          "selective projector: expected a map [batch, %d, %d], found %s"
              .formatted(orders.tokens(), width, ops.type(map)));
    }
    String tokens = ops.add(layers(ops, map, names), names.apply(PLACE));
    long batch = shape.size(0);
    long size = block.size();
    String ordered = ops.gather(tokens, ops.list(orders.flat()), 1);
    String stacked = ops.reshape(ordered, batch * orders.count(), orders.tokens(), size);
    MambaBlock.Result result = block.append(ops, stacked, names);
    String all = ops.reshape(result.tokens(), batch, (long) orders.count() * orders.tokens(), size);
    String features = ops.mul(ops.reduceSum(all, false, 1), 1.0 / orders.tokens());
    MambaBlock.Selection select = result.select();
    return new Result(
        features,
        first(ops, result.gate(), batch),
        new MambaBlock.Selection(
            first(ops, select.steps(), batch),
            first(ops, select.write(), batch),
            first(ops, select.read(), batch)));
  }

  private String layers(Ops ops, String map, UnaryOperator<String> names) {
    String expanded =
        ops.add(Layers.linear(ops, map, names.apply(EXPAND)), names.apply(EXPAND_BIAS));
    String normed =
        ops.op(
            "LayerNormalization",
            Attributes.of("axis", 1),
            expanded,
            names.apply(NORM),
            names.apply(NORM_BIAS));
    String active = ops.max(normed, ops.mul(normed, LEAK));
    return Layers.linear(ops, active, names.apply(REDUCE));
  }

  /** What belongs to the tokens' own order. */
  private String first(Ops ops, String stacked, long batch) {
    long values = ops.shape(stacked).size(2);
    String byOrder = ops.reshape(stacked, batch, (long) orders.count(), orders.tokens(), values);
    return ops.squeeze(ops.slice(byOrder, 1, 0, 1), 1);
  }
}
