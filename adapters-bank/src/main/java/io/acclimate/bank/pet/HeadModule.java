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
 * A classifier of a model's features, linear or by cosines: logits {@code [batch, classes]} as an
 * output of their own. The number of classes can grow; the rows of old classes stay as they are.
 */
public final class HeadModule implements PetModule {
  private static final String WEIGHT = "weight";
  private static final String BIAS = "bias";

  private static final double LEAST_SQUARE = 1e-24;

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
    PetParameter weight = PetParameter.of(WEIGHT, weights(), classes, site.in()).open(0, "classes");
    return isCosine()
        ? List.of(weight)
        : List.of(weight, PetParameter.of(BIAS, Init.zeros(), classes).open(0, "classes"));
  }

  private boolean isCosine() {
    return settings.kind() == HeadKind.COSINE;
  }

  private Init weights() {
    return Init.byRow(Init.normal(settings.initDeviation()));
  }

  @Override
  public void emit(PetSite at) {
    Ops ops = at.ops();
    String features = settings.pooling().append(ops, at.input(), settings.mask());
    String weight = at.parameter(WEIGHT);
    String logits =
        isCosine()
            ? LinearOps.product(ops, unit(ops, features), unit(ops, weight), settings.scale())
            : LinearOps.linear(ops, features, weight, at.parameter(BIAS));
    at.patch().output(settings.output(), logits);
  }

  /** Rows of length 1; zeros stay zeros. */
  private static String unit(Ops ops, String rows) {
    String squares = ops.reduceSum(ops.mul(rows, rows), true, 1);
    return ops.div(rows, ops.sqrt(ops.max(squares, ops.scalarLike(squares, LEAST_SQUARE))));
  }

  /**
   * Values for more classes. New rows start as they would have started in a head of that size with
   * the same seeds.
   *
   * @param values weight {@code [old, size]} and, of a linear head, bias {@code [old]}
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
    Map<String, Tensor> result = new LinkedHashMap<>();
    result.put(WEIGHT, grown);
    if (!isCosine()) {
      Tensor bias = Tensor.allocate(values.get(BIAS).type(), classes);
      bias.bytes().put(values.get(BIAS).bytes());
      result.put(BIAS, bias);
    }
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
