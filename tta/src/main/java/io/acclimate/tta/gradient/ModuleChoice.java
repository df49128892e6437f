package io.acclimate.tta.gradient;

import io.acclimate.bank.pet.PatchedGraph;
import io.acclimate.bank.pet.PetModule;
import io.acclimate.bank.pet.PetPatch;
import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.graph.Constant;
import io.acclimate.runtime.graph.GraphBuilder;
import io.acclimate.runtime.graph.ModelGraph;
import io.acclimate.tta.DifferentiableModel;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Modules that are put into the model, such as LoRA; the model's own weights stay as they are.
 *
 * @param modules by name, at least one, none of which changes the outputs at the start
 * @param seeds the root of the values they start with
 */
public record ModuleChoice(Map<String, PetModule> modules, SeedTree seeds)
    implements ParameterChoice {
  @Override
  public ParameterScope of(DifferentiableModel model, double skippedShare) {
    return this::attach;
  }

  private ParameterScope.Attached attach(ModelGraph graph) {
    PetPatch patch = PetPatch.of(graph);
    modules.forEach(patch::add);
    PatchedGraph patched = patch.apply();
    GraphBuilder builder = patched.graph().toBuilder();
    Map<String, Constant> start = new LinkedHashMap<>();
    patched
        .initialValues(seeds)
        .forEach(
            (name, value) -> {
              if (patched.trainable().contains(name)) {
                start.put(name, Constant.of(value));
              } else {
                builder.edits().bind(name, Constant.of(value));
              }
            });
    return new ParameterScope.Attached(builder, start);
  }
}
