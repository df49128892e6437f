package io.acclimate.bank.pet;

import io.acclimate.runtime.DType;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.graph.Attributes;
import io.acclimate.runtime.graph.Constant;
import io.acclimate.runtime.graph.ModelGraph;
import io.acclimate.runtime.graph.Ops;
import io.acclimate.runtime.sites.Site;
import io.acclimate.runtime.sites.WeightDelta;
import io.acclimate.runtime.train.Init;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Low-rank adaptation of linear layers: {@code y + alpha / r (x Aᵀ) Bᵀ} with A {@code [r, in]}
 * (Kaiming-uniform) and B {@code [out, r]} (zero at the start), after Hu et al., ICLR 2022, arXiv
 * 2106.09685. With a learnable scale and alpha not divided by the rank it is the form of LAE (Gao
 * et al., ICCV 2023, arXiv 2303.10070).
 */
public final class LoraModule implements PetModule {
  private static final String A = "A";
  private static final String B = "B";
  private static final String SCALE = "scale";

  private final LoraSettings settings;

  /** Creates the module. */
  public LoraModule(LoraSettings settings) {
    this.settings = settings;
  }

  @Override
  public List<Site> select(List<Site> sites) {
    return settings.sites().select(sites);
  }

  @Override
  public List<PetParameter> parameters(Site site, ModelGraph graph) {
    int rank = settings.rank();
    List<PetParameter> parameters = new ArrayList<>();
    parameters.add(
        PetParameter.of(A, Init.kaimingUniform(site.in()), rank, site.in()).open(0, "rank"));
    parameters.add(PetParameter.of(B, Init.zeros(), site.out(), rank).open(1, "rank"));
    if (settings.learnableScale()) {
      parameters.add(PetParameter.of(SCALE, Init.constant(1)));
    }
    return parameters;
  }

  @Override
  public void emit(PetSite at) {
    Ops ops = at.ops();
    String inner = LinearOps.product(ops, at.rows(at.input()), at.parameter(A));
    if (settings.learnableScale()) {
      inner = ops.mul(inner, at.parameter(SCALE));
    }
    double factor = 1;
    if (ops.shape(at.parameter(A)).dim(0).isFixed()) {
      factor = settings.factor(settings.rank());
    } else {
      inner = ops.mul(inner, openFactor(ops, at.parameter(A)));
    }
    String output = at.output();
    String rows = at.rows(output);
    String changed =
        at.site().out() == ops.shape(output).size(-1)
            ? LinearOps.add(ops, rows, inner, at.parameter(B), factor)
            : ops.add(rows, columns(at, inner, factor));
    at.replaceOutput(at.unrows(changed, output));
  }

  /** The factor where the rank is known in the call only. */
  private String openFactor(Ops ops, String a) {
    String alpha = ops.scalarLike(a, settings.alpha());
    if (!settings.perRank()) {
      return alpha;
    }
    String first = ops.graph().constant(Constant.ofLongs(new long[] {0}));
    String rank = ops.gather(ops.op("Shape", Attributes.NONE, a), first, 0);
    return ops.div(alpha, ops.max(ops.cast(rank, ops.type(a).type()), ops.scalarLike(a, 1)));
  }

  /** The change of some of the outputs of a layer that computes several sites at once. */
  private static String columns(PetSite at, String inner, double factor) {
    Ops ops = at.ops();
    String product = LinearOps.product(ops, inner, at.parameter(B), factor);
    long first = at.site().requireWeights().firstColumn();
    long rest = ops.shape(at.output()).size(-1) - first - at.site().out();
    return ops.op("Pad", Attributes.NONE, product, ops.list(0, first, 0, rest));
  }

  /** {@code factor B A} as {@code [out, in]}, summed in double precision. */
  @Override
  public Optional<WeightDelta> delta(Site site, Map<String, Tensor> parameters) {
    Tensor first = parameters.get(A);
    double[] a = Constant.of(first).toDoubles();
    double[] b = Constant.of(parameters.get(B)).toDoubles();
    int rank = Math.toIntExact(first.dim(0));
    int in = Math.toIntExact(site.in());
    int out = Math.toIntExact(site.out());
    double factor = settings.factor(rank);
    if (settings.learnableScale()) {
      factor *= Constant.of(parameters.get(SCALE)).toDoubles()[0];
    }
    double[] delta = new double[out * in];
    for (int o = 0; o < out; o++) {
      for (int r = 0; r < rank; r++) {
        double weight = factor * b[o * rank + r];
        for (int i = 0; i < in; i++) {
          delta[o * in + i] += weight * a[r * in + i];
        }
      }
    }
    return Optional.of(
        new WeightDelta(
            Optional.of(Constant.ofDoubles(DType.FLOAT64, delta, out, in).toTensor()),
            Optional.empty()));
  }

  @Override
  public String toString() {
    return "lora " + settings;
  }
}
