package io.acclimate.bank.pet;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.graph.Constant;
import io.acclimate.runtime.graph.GraphBuilder;
import io.acclimate.runtime.graph.ModelGraph;
import io.acclimate.runtime.graph.Shape;
import io.acclimate.runtime.graph.ValueType;
import io.acclimate.runtime.sites.Site;
import io.acclimate.runtime.sites.WeightDelta;
import io.acclimate.runtime.sites.WeightFolding;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * A graph with modules applied: its inputs are the model's and the parameters. Immutable.
 *
 * <p>The values of the parameters are named tensors of the caller's, so one session serves many
 * sets of them.
 */
public final class PatchedGraph {
  private final ModelGraph graph;
  private final List<Attached> attached;
  private final Map<String, Declared> declared;

  /**
   * A parameter with the type of its input.
   *
   * @param parameter as its module declares it
   * @param type of the graph's input, with open sizes if they were left open
   */
  public record Declared(PetParameter parameter, ValueType type) {}

  /** A module at one site with the names of its parameters. */
  record Attached(String module, PetModule pet, Site site, Map<String, String> names) {
    Map<String, Tensor> local(Map<String, Tensor> values) {
      Map<String, Tensor> local = new LinkedHashMap<>();
      names.forEach((name, full) -> local.put(name, values.get(full)));
      return local;
    }
  }

  PatchedGraph(ModelGraph graph, List<Attached> attached, Map<String, Declared> declared) {
    this.graph = graph;
    this.attached = List.copyOf(attached);
    this.declared = Collections.unmodifiableMap(new LinkedHashMap<>(declared));
  }

  /** The graph; it can be saved like any other. */
  public ModelGraph graph() {
    return graph;
  }

  /** The parameters by name: module, site, name within the site, joined by dots. */
  public Map<String, Declared> parameters() {
    return declared;
  }

  /** The names of the parameters that training changes. */
  public Set<String> trainable() {
    Set<String> names = new LinkedHashSet<>();
    declared.forEach(
        (name, one) -> {
          if (one.parameter().trainable()) {
            names.add(name);
          }
        });
    return names;
  }

  /** The number of values that training changes, at the sizes that the parameters start with. */
  public long trainableCount() {
    return trainable().stream()
        .mapToLong(name -> Tensor.elements(declared.get(name).parameter().shape()))
        .sum();
  }

  /**
   * A module at one of its sites.
   *
   * @param module its name
   * @param parameters the full names by the names within the site
   */
  public record Unit(String module, Site site, Map<String, String> parameters) {}

  /** The modules at each of their sites, in the order in which they were hung. */
  public List<Unit> units() {
    return attached.stream().map(a -> new Unit(a.module(), a.site(), a.names())).toList();
  }

  /** The sites at which a module attached. */
  public List<Site> sites(String module) {
    return attached.stream().filter(a -> a.module().equals(module)).map(Attached::site).toList();
  }

  /** New values to start with; equal seeds give equal values. */
  public Map<String, Tensor> initialValues(SeedTree seeds) {
    Map<String, Tensor> values = new LinkedHashMap<>();
    declared.forEach(
        (name, one) -> {
          Tensor tensor = Tensor.allocate(one.type().type(), one.parameter().shape());
          one.parameter().init().fill(tensor, seeds.child(name));
          values.put(name, tensor);
        });
    return values;
  }

  /**
   * Checks values before they are used.
   *
   * @throws AcclimateException when a parameter is missing or unknown, or its type does not fit;
   *     the message names all of them
   */
  public void requireFit(Map<String, Tensor> values) {
    List<String> problems = new ArrayList<>();
    Set<String> missing = new TreeSet<>(declared.keySet());
    missing.removeAll(values.keySet());
    missing.forEach(name -> problems.add("'%s' is missing".formatted(name)));
    values.forEach(
        (name, tensor) -> {
          Declared one = declared.get(name);
          if (one == null) {
            problems.add("'%s' is unknown".formatted(name));
          } else if (tensor.type() != one.type().type()
              || !one.type().shape().admits(Shape.of(tensor.shape()))) {
            problems.add("'%s': expected %s, found %s".formatted(name, one.type(), tensor));
          }
        });
    if (!problems.isEmpty()) {
      throw new AcclimateException(
          "parameters of graph %s: %s".formatted(graph.name(), String.join("; ", problems)));
    }
  }

  /** The graph with the values as constants: a plain model that any ONNX tool runs. */
  public ModelGraph bake(Map<String, Tensor> values) {
    requireFit(values);
    GraphBuilder builder = graph.toBuilder();
    declared
        .keySet()
        .forEach(name -> builder.edits().bind(name, Constant.of(values.get(name).copy())));
    return builder.build();
  }

  /**
   * Adds the modules' effect to the weights of a graph.
   *
   * @param target the graph that the modules were applied to, or the open model it came from
   * @throws AcclimateException when a module is not linear
   */
  public ModelGraph fold(ModelGraph target, Map<String, Tensor> values) {
    requireFit(values);
    ModelGraph folded = target;
    for (Attached one : attached) {
      WeightDelta delta =
          one.pet()
              .delta(one.site(), one.local(values))
              .orElseThrow(
                  () ->
                      new AcclimateException(
                          "module '%s' is not linear, so it cannot be folded into weights"
                              .formatted(one.module())));
      folded = WeightFolding.fold(folded, Map.of(one.site(), delta));
    }
    return folded;
  }

  @Override
  public String toString() {
    return graph.name() + " with " + declared.size() + " parameters";
  }
}
