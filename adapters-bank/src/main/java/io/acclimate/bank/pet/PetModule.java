package io.acclimate.bank.pet;

import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.graph.ModelGraph;
import io.acclimate.runtime.sites.Site;
import io.acclimate.runtime.sites.WeightDelta;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A parameter-efficient tuning module: for each site it names parameters and writes the forward
 * sub-graph that reads them. The model's own weights never change.
 *
 * <p>Implementations are immutable and hold settings only; the values of parameters are tensors
 * that belong to the caller.
 */
public interface PetModule {
  /** The sites of a model at which the module attaches. */
  List<Site> select(List<Site> sites);

  /**
   * The parameters at one site.
   *
   * @param graph the graph in which the site was found
   */
  List<PetParameter> parameters(Site site, ModelGraph graph);

  /** Writes the forward sub-graph at one site and puts its result in the place of a value. */
  void emit(PetSite at);

  /** Whether the model's outputs are the same as without the module when its parameters start. */
  default boolean isIdentityAtStart() {
    return true;
  }

  /**
   * The change of the site's weights that has the same effect as the module; empty when there is
   * none, as the module is not linear.
   *
   * @param parameters values by the names of {@link #parameters}
   */
  default Optional<WeightDelta> delta(Site site, Map<String, Tensor> parameters) {
    return Optional.empty();
  }
}
