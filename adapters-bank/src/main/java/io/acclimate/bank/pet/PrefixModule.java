package io.acclimate.bank.pet;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.graph.ModelGraph;
import io.acclimate.runtime.graph.Ops;
import io.acclimate.runtime.graph.Shape;
import io.acclimate.runtime.sites.Heads;
import io.acclimate.runtime.sites.Site;
import io.acclimate.runtime.sites.SiteKind;
import io.acclimate.runtime.train.Init;
import java.util.ArrayList;
import java.util.List;

/**
 * Prefix tuning: every attention gets further keys and values {@code [length, width]} that do not
 * depend on the input (Li and Liang, ACL 2021, arXiv 2101.00190).
 *
 * <p>The softmax runs over the model's scores, masked as they are, and the prefix's. With LAE's
 * compensation (Gao et al., ICCV 2023, arXiv 2303.10070) the prefix's weights are divided by their
 * sum, so that the prefix acts like a parallel adapter. Not the identity at the start.
 */
public final class PrefixModule implements PetModule {
  private static final double LEAST_SHARE = 1e-12;

  private final PrefixSettings settings;
  private final SiteSelection selection;

  /** Creates the module. */
  public PrefixModule(PrefixSettings settings) {
    this.settings = settings;
    this.selection = new SiteSelection(List.of(SiteKind.KV), settings.layers());
  }

  @Override
  public List<Site> select(List<Site> sites) {
    return selection.select(sites);
  }

  @Override
  public List<PetParameter> parameters(Site site, ModelGraph graph) {
    Heads heads = site.requireHeads();
    if (heads.heads() != heads.keyHeads()) {
      throw new AcclimateException(
          "prefix: site %s has %d query heads and %d key heads; expected as many of each"
              .formatted(site.id(), heads.heads(), heads.keyHeads()));
    }
    Init tokens = Init.uniform(0, settings.initBound());
    int length = settings.length();
    List<PetParameter> parameters = new ArrayList<>();
    parameters.add(PetParameter.of("key", tokens, length, site.in()).open(0, "length"));
    parameters.add(PetParameter.of("value", tokens, length, site.out()).open(0, "length"));
    if (settings.learnableScale()) {
      parameters.add(PetParameter.of("key-scale", Init.constant(1)));
      parameters.add(PetParameter.of("value-scale", Init.constant(1)));
    }
    return parameters;
  }

  @Override
  public void emit(PetSite at) {
    Ops ops = at.ops();
    Heads heads = at.site().requireHeads();
    String query = byHead(ops, heads, at.patch().read(heads.query()));
    String ownScores = byHead(ops, heads, at.patch().read(heads.scores()));
    String scores = ops.matMul(query, ops.transposeLast(tokens(at, "key")));
    if (heads.scale() != 1) {
      scores = ops.mul(scores, heads.scale());
    }
    String weights = ops.softmax(ops.concat(-1, List.of(ownScores, scores)), -1);
    long own = ops.shape(ownScores).size(-1);
    String ownWeights =
        ops.reshapeLike(ops.slice(weights, -1, 0, own), at.patch().read(heads.scores()));
    String prefixWeights = ops.reshapeLike(ops.slice(weights, -1, own, Long.MAX_VALUE), scores);
    if (settings.compensation()) {
      String share = ops.reduceSum(prefixWeights, true, -1);
      prefixWeights = ops.div(prefixWeights, ops.max(share, ops.scalarLike(share, LEAST_SHARE)));
    }
    String context = ops.matMul(ownWeights, at.patch().read(heads.value()));
    String prefix = ops.matMul(prefixWeights, tokens(at, "value"));
    at.replaceOutput(ops.add(context, ops.reshapeLike(prefix, context)));
  }

  /** {@code [batch, heads, ..]}, also where the model folds the heads into the batch. */
  private static String byHead(Ops ops, Heads heads, String value) {
    Shape shape = ops.shape(value);
    return shape.rank() == 3
        ? ops.reshape(value, -1, heads.heads(), shape.size(1), shape.size(2))
        : value;
  }

  /** Tokens {@code [length, width]} as {@code [1, heads, length, head size]}. */
  private String tokens(PetSite at, String name) {
    Ops ops = at.ops();
    String tokens = at.parameter(name);
    if (settings.learnableScale()) {
      tokens = ops.mul(tokens, at.parameter(name + "-scale"));
    }
    long heads = at.site().requireHeads().heads();
    long width = ops.shape(tokens).size(-1);
    String split = ops.reshape(tokens, 0, heads, width / heads);
    return ops.unsqueeze(ops.transpose(split, 1, 0, 2), 0);
  }

  @Override
  public boolean isIdentityAtStart() {
    return false;
  }

  @Override
  public String toString() {
    return "prefix " + settings;
  }
}
