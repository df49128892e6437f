package io.acclimate.bank.pet;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.graph.ModelGraph;
import io.acclimate.runtime.graph.Ops;
import io.acclimate.runtime.sites.Site;
import io.acclimate.runtime.train.Init;
import java.util.ArrayList;
import java.util.List;

/**
 * Bottleneck adapters: {@code Ad(x) = s (σ(x Dᵀ + d) Uᵀ + u)} with D {@code [m, in]}
 * (Kaiming-uniform), U {@code [out, m]}, both biases 0 and U zero at the start.
 *
 * <p>Covers the adapters of Houlsby et al. (ICML 2019), the scaled parallel adapter of He et al.
 * (ICLR 2022, arXiv 2110.04366), those of LAE (ICCV 2023, arXiv 2303.10070) and of MOS (AAAI 2025,
 * arXiv 2412.09441).
 */
public final class AdapterModule implements PetModule {
  private final AdapterSettings settings;

  /** Creates the module. */
  public AdapterModule(AdapterSettings settings) {
    this.settings = settings;
  }

  @Override
  public List<Site> select(List<Site> sites) {
    return settings.sites().select(sites);
  }

  @Override
  public List<PetParameter> parameters(Site site, ModelGraph graph) {
    int width = settings.bottleneck();
    long in = settings.placement() == AdapterPlacement.PARALLEL ? site.in() : site.out();
    long out = settings.placement() == AdapterPlacement.BEFORE ? site.in() : site.out();
    List<PetParameter> parameters = new ArrayList<>();
    parameters.add(
        PetParameter.of("down", Init.kaimingUniform(in), width, in).open(0, "bottleneck"));
    parameters.add(PetParameter.of("down-bias", Init.zeros(), width).open(0, "bottleneck"));
    parameters.add(PetParameter.of("up", Init.zeros(), out, width).open(1, "bottleneck"));
    parameters.add(PetParameter.of("up-bias", Init.zeros(), out));
    if (settings.learnableScale()) {
      parameters.add(PetParameter.of("scale", Init.constant(settings.scale())));
    }
    return parameters;
  }

  @Override
  public void emit(PetSite at) {
    Ops ops = at.ops();
    switch (settings.placement()) {
      case PARALLEL -> at.replaceOutput(ops.add(at.output(), adapter(at, source(at))));
      case SEQUENTIAL -> at.replaceOutput(ops.add(at.output(), adapter(at, at.output())));
      case AFTER -> at.replaceOutput(ops.add(at.input(), adapter(at, at.output())));
      case BEFORE -> before(at);
    }
  }

  private String source(PetSite at) {
    boolean residual = settings.reads() == AdapterSettings.Reads.RESIDUAL;
    String stream = at.site().flow().residual();
    return residual && !stream.isEmpty() ? at.patch().read(stream) : at.input();
  }

  private void before(PetSite at) {
    Site site = at.site();
    if (site.flow().readers().isEmpty()) {
      throw new AcclimateException(
          "adapter: placement 'before' needs an attention or a feed-forward network, found site "
              + site.id());
    }
    String changed = at.ops().add(at.input(), adapter(at, at.input()));
    at.patch().replaceFor(site.flow().readers(), site.input(), changed);
  }

  private String adapter(PetSite at, String source) {
    Ops ops = at.ops();
    String inner =
        LinearOps.linear(ops, at.rows(source), at.parameter("down"), at.parameter("down-bias"));
    String activated = settings.activation().apply(ops, inner);
    double factor = settings.learnableScale() ? 1 : settings.scale();
    String result =
        LinearOps.linear(ops, activated, at.parameter("up"), at.parameter("up-bias"), factor);
    if (settings.learnableScale()) {
      result = ops.mul(result, at.parameter("scale"));
    }
    String like = settings.placement() == AdapterPlacement.BEFORE ? at.input() : at.output();
    return at.unrows(result, like);
  }

  @Override
  public boolean isIdentityAtStart() {
    return settings.placement() != AdapterPlacement.AFTER;
  }

  @Override
  public String toString() {
    return "adapter " + settings;
  }
}
