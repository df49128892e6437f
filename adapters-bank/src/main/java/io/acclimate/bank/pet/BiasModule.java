package io.acclimate.bank.pet;

import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.graph.Attributes;
import io.acclimate.runtime.graph.ModelGraph;
import io.acclimate.runtime.graph.Ops;
import io.acclimate.runtime.sites.ConstantUse;
import io.acclimate.runtime.sites.Site;
import io.acclimate.runtime.sites.WeightDelta;
import io.acclimate.runtime.train.Init;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Tunes biases only: a change, zero at the start, is added to each bias that the model has (BitFit,
 * Ben Zaken et al., ACL 2022, arXiv 2106.10199).
 */
public final class BiasModule implements PetModule {
  private final SiteSelection selection;

  /**
   * Creates the module.
   *
   * @param selection linear layers, convolutions and normalisations; those without bias are left
   *     out
   */
  public BiasModule(SiteSelection selection) {
    this.selection = selection;
  }

  @Override
  public List<Site> select(List<Site> sites) {
    return selection.select(sites).stream()
        .filter(site -> site.weights().flatMap(weights -> weights.bias()).isPresent())
        .toList();
  }

  private static ConstantUse bias(Site site) {
    return site.requireWeights().bias().orElseThrow();
  }

  @Override
  public List<PetParameter> parameters(Site site, ModelGraph graph) {
    long[] shape =
        site.kind().isLinear()
            ? new long[] {site.out()}
            : graph.type(bias(site).constant()).shape().sizes();
    return List.of(PetParameter.of("bias", Init.zeros(), shape));
  }

  @Override
  public void emit(PetSite at) {
    Ops ops = at.ops();
    ConstantUse use = bias(at.site());
    String old = at.patch().read(use);
    String change = at.parameter("bias");
    long width = ops.shape(old).size(-1);
    if (at.site().kind().isLinear() && width != at.site().out()) {
      long first = at.site().requireWeights().firstColumn();
      long rest = width - first - at.site().out();
      change = ops.op("Pad", Attributes.NONE, change, ops.list(first, rest));
    }
    at.patch().replace(use, ops.add(old, change));
  }

  @Override
  public Optional<WeightDelta> delta(Site site, Map<String, Tensor> parameters) {
    return Optional.of(new WeightDelta(Optional.empty(), Optional.of(parameters.get("bias"))));
  }

  @Override
  public String toString() {
    return "bias " + selection;
  }
}
