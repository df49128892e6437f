package io.acclimate.bank.pet;

import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.graph.ModelGraph;
import io.acclimate.runtime.sites.Site;
import io.acclimate.runtime.sites.WeightDelta;
import io.acclimate.runtime.sites.Weights;
import io.acclimate.runtime.train.Init;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Tunes the scale and bias of normalisations: a change, zero at the start, is added to each, as
 * layer-norm tuning does (Frankle et al., ICLR 2021, arXiv 2003.00152, for batch norms).
 */
public final class NormModule implements PetModule {
  private final SiteSelection selection;

  /**
   * Creates the module.
   *
   * @param selection sites of kind {@link io.acclimate.runtime.sites.SiteKind#NORM}
   */
  public NormModule(SiteSelection selection) {
    this.selection = selection;
  }

  @Override
  public List<Site> select(List<Site> sites) {
    return selection.select(sites);
  }

  @Override
  public List<PetParameter> parameters(Site site, ModelGraph graph) {
    Weights weights = site.requireWeights();
    List<PetParameter> parameters = new ArrayList<>();
    parameters.add(change("weight", graph, weights.weight().constant()));
    weights.bias().ifPresent(bias -> parameters.add(change("bias", graph, bias.constant())));
    return parameters;
  }

  private static PetParameter change(String name, ModelGraph graph, String constant) {
    return PetParameter.of(name, Init.zeros(), graph.type(constant).shape().sizes());
  }

  @Override
  public void emit(PetSite at) {
    Weights weights = at.site().requireWeights();
    String weight = at.ops().add(at.patch().read(weights.weight()), at.parameter("weight"));
    at.patch().replace(weights.weight(), weight);
    weights
        .bias()
        .ifPresent(
            use ->
                at.patch().replace(use, at.ops().add(at.patch().read(use), at.parameter("bias"))));
  }

  @Override
  public Optional<WeightDelta> delta(Site site, Map<String, Tensor> parameters) {
    return Optional.of(
        new WeightDelta(
            Optional.of(parameters.get("weight")), Optional.ofNullable(parameters.get("bias"))));
  }

  @Override
  public String toString() {
    return "norm " + selection;
  }
}
