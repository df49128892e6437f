package io.acclimate.simulators.inspect;

import com.typesafe.config.ConfigFactory;
import io.acclimate.bank.pet.PatchedGraph;
import io.acclimate.bank.pet.PetPatch;
import io.acclimate.bank.pet.PetProvider;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.autodiff.GradientCheck;
import io.acclimate.runtime.autodiff.GradientRules;
import io.acclimate.runtime.graph.Constant;
import io.acclimate.runtime.graph.GraphBuilder;
import io.acclimate.runtime.graph.ModelGraph;
import io.acclimate.runtime.graph.Ops;
import io.acclimate.runtime.sites.Site;
import io.acclimate.runtime.sites.SiteKind;
import io.acclimate.runtime.text.Names;
import io.acclimate.runtime.train.Init;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Compares derived gradients with differences on a model: a module is hung at each chosen site, its
 * parameters and the inputs are random, and the loss is the sum of all outputs' numbers times
 * random weights.
 *
 * @param worstRelativeError the largest relative error of any parameter
 * @param worstParameter the parameter that has it
 * @param checkedParameters the number of parameter tensors that were checked
 * @param checkedSites the number of sites by kind
 */
public record ModelGradientCheck(
    double worstRelativeError,
    String worstParameter,
    int checkedParameters,
    Map<String, Integer> checkedSites) {
  private static final String LOSS = "acclimate.loss";
  private static final double AMPLITUDE = 0.05;
  private static final int DIRECTIONS = 1;

  /**
   * Runs the check.
   *
   * @param kinds the kinds of sites: LoRA on linear layers, changes of scale and bias on
   *     normalisations and convolutions, adapters on sub-layers and blocks, a prefix on keys and
   *     values; an empty list means linear layers and convolutions
   * @throws AcclimateException when the model has no such site, or an operator on the way has no
   *     gradient rule
   */
  public static ModelGradientCheck run(Structure model, List<SiteKind> kinds, long seed) {
    List<SiteKind> wanted = kinds.isEmpty() ? List.of(SiteKind.LINEAR, SiteKind.CONV) : kinds;
    Map<String, Integer> sites = new LinkedHashMap<>();
    PetPatch patch = PetPatch.of(model.graph());
    for (SiteKind kind : wanted) {
      int count = (int) model.sites().stream().map(Site::kind).filter(kind::includes).count();
      if (count > 0 && sites.put(Names.kebab(kind), count) == null) {
        add(patch, kind);
      }
    }
    if (sites.isEmpty()) {
      throw new AcclimateException(
          "expected sites of kinds %s to check gradients at, found %s"
              .formatted(wanted.stream().map(Names::kebab).toList(), model.siteCounts()));
    }
    PatchedGraph patched = patch.apply();
    SeedTree seeds = SeedTree.of(seed);
    Map<String, Tensor> inputs = SampleInputs.of(model.graph(), seeds.child("inputs"));
    inputs.putAll(values(patched, seeds.child("parameters")));
    Map<String, Double> errors =
        new GradientCheck(DIRECTIONS, seeds.child("check"), GradientRules.builtInRules())
            .run(withLoss(patched.graph(), seeds), LOSS, inputs, patched.trainable());
    Map.Entry<String, Double> worst =
        errors.entrySet().stream().max(Map.Entry.comparingByValue()).orElseThrow();
    return new ModelGradientCheck(worst.getValue(), worst.getKey(), errors.size(), sites);
  }

  private static void add(PetPatch patch, SiteKind kind) {
    String name = Names.kebab(kind);
    String sites = "layers = [], sites = [" + name + "]";
    if (kind.isLinear()) {
      add(patch, name, "lora", sites + ", rank = 2");
      return;
    }
    switch (kind) {
      case NORM -> add(patch, name, "norm", sites);
      case CONV -> add(patch, name, "bias", sites);
      case ATTENTION_OUTPUT, FFN_OUTPUT, BLOCK_OUTPUT ->
          add(patch, name, "adapter", sites + ", bottleneck = 2");
      case KV -> add(patch, name, "prefix", "length = 2");
      default -> throw new AcclimateException("no module attaches to sites of kind '" + name + "'");
    }
  }

  private static void add(PetPatch patch, String name, String module, String settings) {
    patch.add(name, PetProvider.create(module, ConfigFactory.parseString(settings)));
  }

  /** The start moved by a little, so that no factor is zero. */
  private static Map<String, Tensor> values(PatchedGraph patched, SeedTree seeds) {
    Map<String, Tensor> values = patched.initialValues(seeds);
    values.forEach(
        (name, tensor) -> {
          Tensor change = Tensor.allocate(DType.FLOAT64, tensor.shape());
          Init.uniform(-AMPLITUDE, AMPLITUDE).fill(change, seeds.child("change").child(name));
          double[] sums = Constant.of(tensor).toDoubles();
          for (int i = 0; i < sums.length; i++) {
            sums[i] += change.doubles().get(i);
          }
          Constant moved = Constant.ofDoubles(tensor.type(), sums, tensor.shape());
          tensor.bytes().put(moved.bytes());
        });
    return values;
  }

  private static ModelGraph withLoss(ModelGraph graph, SeedTree seeds) {
    GraphBuilder builder = graph.toBuilder();
    Ops ops = builder.ops();
    String loss = null;
    for (String output : graph.outputs()) {
      if (graph.type(output).type().isFloating()) {
        Tensor weights = graph.type(output).allocate();
        Init.normal(1).fill(weights, seeds.child("loss").child(output));
        String weight = builder.constant(Constant.of(weights));
        String sum = ops.reduceSum(ops.mul(output, weight), false);
        loss = loss == null ? sum : ops.add(loss, sum);
      }
    }
    if (loss == null) {
      throw new AcclimateException(
          "model %s has no output of floating-point type to differentiate".formatted(graph.name()));
    }
    builder.setOutputs(List.of());
    builder.output(LOSS, loss);
    return builder.build();
  }
}
