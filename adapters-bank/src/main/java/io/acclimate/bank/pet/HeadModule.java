package io.acclimate.bank.pet;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.graph.ModelGraph;
import io.acclimate.runtime.graph.Ops;
import io.acclimate.runtime.sites.Site;
import io.acclimate.runtime.sites.SiteKind;
import io.acclimate.runtime.train.Init;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A linear classifier of a model's features: logits {@code [batch, classes]} as an output of their
 * own. The number of classes can grow; the rows of old classes stay as they are.
 */
public final class HeadModule implements PetModule {
  private static final String WEIGHT = "weight";
  private static final String BIAS = "bias";

  private final HeadSettings settings;

  /** Creates the module. */
  public HeadModule(HeadSettings settings) {
    this.settings = settings;
  }

  @Override
  public List<Site> select(List<Site> sites) {
    return sites.stream()
        .filter(
            site ->
                settings.features().isEmpty()
                    ? site.kind() == SiteKind.HEAD
                    : site.kind() == SiteKind.OUTPUT && site.output().equals(settings.features()))
        .limit(1)
        .toList();
  }

  @Override
  public List<PetParameter> parameters(Site site, ModelGraph graph) {
    int classes = settings.classes();
    return List.of(
        PetParameter.of(WEIGHT, weights(), classes, site.in()).open(0, "classes"),
        PetParameter.of(BIAS, Init.zeros(), classes).open(0, "classes"));
  }

  private Init weights() {
    return Init.byRow(Init.normal(settings.initDeviation()));
  }

  @Override
  public void emit(PetSite at) {
    Ops ops = at.ops();
    String features = pooled(at, at.input());
    String logits = LinearOps.linear(ops, features, at.parameter(WEIGHT), at.parameter(BIAS));
    at.patch().output(settings.output(), logits);
  }

  private String pooled(PetSite at, String features) {
    Ops ops = at.ops();
    int rank = ops.shape(features).rank();
    if (rank == 2) {
      return features;
    }
    if (rank != 3) {
      throw new AcclimateException(
          "head: expected features [batch, size] or [batch, tokens, size], found %s"
              .formatted(ops.type(features)));
    }
    if (settings.pooling() == Pooling.FIRST) {
      return ops.squeeze(ops.slice(features, 1, 0, 1), 1);
    }
    if (settings.mask().isEmpty()) {
      return ops.reduceMean(features, false, 1);
    }
    String mask = ops.cast(settings.mask(), ops.type(features).type());
    String sum = ops.reduceSum(ops.mul(features, ops.unsqueeze(mask, 2)), false, 1);
    String count = ops.reduceSum(mask, true, 1);
    return ops.div(sum, ops.max(count, ops.scalarLike(count, 1)));
  }

  /**
   * Values for more classes. New rows start as they would have started in a head of that size with
   * the same seeds.
   *
   * @param values weight {@code [old, size]} and bias {@code [old]}
   * @param classes the new number of classes, at least the old one
   * @param seeds those of the weight
   */
  public Map<String, Tensor> grow(Map<String, Tensor> values, int classes, SeedTree seeds) {
    Tensor weight = values.get(WEIGHT);
    if (classes < weight.dim(0)) {
      throw new AcclimateException(
          "head: expected at least the %d classes there are, found %d"
              .formatted(weight.dim(0), classes));
    }
    Tensor grown = Tensor.allocate(weight.type(), classes, weight.dim(1));
    weights().fill(grown, seeds);
    grown.bytes().put(weight.bytes());
    Tensor bias = Tensor.allocate(values.get(BIAS).type(), classes);
    bias.bytes().put(values.get(BIAS).bytes());
    Map<String, Tensor> result = new LinkedHashMap<>();
    result.put(WEIGHT, grown);
    result.put(BIAS, bias);
    return result;
  }

  @Override
  public boolean isIdentityAtStart() {
    return false;
  }

  @Override
  public String toString() {
    return "head " + settings;
  }
}
