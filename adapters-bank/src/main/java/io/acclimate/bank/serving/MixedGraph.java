package io.acclimate.bank.serving;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.graph.ModelGraph;
import io.acclimate.runtime.graph.Specializer;
import io.acclimate.runtime.graph.ValueType;
import io.acclimate.runtime.sites.Site;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A frozen model's graph in which each row of a batch is computed with an adapter of its own. Its
 * further inputs are the rows' slots and a stack of parameters for each place. Immutable.
 */
public final class MixedGraph {
  /** The input that says which slot a row is computed with: {@code [batch]} of INT64. */
  public static final String SLOTS = "adapter-slots";

  /** Rows of the call with which a graph is checked. */
  static final long CHECKED_ROWS = 2;

  private final ModelGraph graph;
  private final ServingSettings settings;
  private final Places places;
  private final Map<String, Long> checkedSizes;

  /**
   * Where adapters attach.
   *
   * @param linear the linear layers that low-rank changes are added to
   * @param head the place of heads; empty when there are none
   * @param classes the columns of the logits; 0 without logits
   * @param frozenClasses those of the model's own logits; 0 without
   */
  record Places(List<Site> linear, Optional<Site> head, int classes, int frozenClasses) {}

  MixedGraph(
      ModelGraph graph, ServingSettings settings, Places places, Map<String, Long> checkedSizes) {
    this.graph = graph;
    this.settings = settings;
    this.places = places;
    this.checkedSizes = Map.copyOf(checkedSizes);
  }

  /**
   * Makes the graph.
   *
   * @param model the frozen model
   * @param otherSizes a typical size for each of the model's open dimensions but the batch's; they
   *     stay open
   * @throws AcclimateException when the model has no place for the adapters, or its weights are not
   *     where they can be reached
   */
  public static MixedGraph of(
      Specializer model, Map<String, Long> otherSizes, ServingSettings settings) {
    Map<String, Long> sizes = new LinkedHashMap<>(otherSizes);
    ModelGraph open = model.open();
    ValueType input = open.type(open.inputs().get(0));
    if (input.shape().rank() == 0) {
      throw new AcclimateException(
          "model %s: expected a batch in input '%s', found a scalar"
              .formatted(open.name(), open.inputs().get(0)));
    }
    if (!input.shape().dim(0).isFixed()) {
      sizes.put(input.shape().dim(0).symbol(), CHECKED_ROWS);
    }
    return new MixedGraphWriter(open, model.with(sizes), settings).write(sizes);
  }

  /** The graph; it can be saved like any other. */
  public ModelGraph graph() {
    return graph;
  }

  /** What it was made with. */
  public ServingSettings settings() {
    return settings;
  }

  /** The columns of the logits; 0 when the graph has none. */
  public int classes() {
    return places.classes();
  }

  /** The columns of the frozen model's logits; 0 when it has none. */
  public int frozenClasses() {
    return places.frozenClasses();
  }

  Places places() {
    return places;
  }

  /** Sizes of all open dimensions at which the model is known to work. */
  Map<String, Long> checkedSizes() {
    return Collections.unmodifiableMap(checkedSizes);
  }

  /** The input with a stack. */
  static String stack(Site site, String parameter) {
    return "adapter-stack." + site.id() + "." + parameter;
  }

  @Override
  public String toString() {
    return graph.name() + " with adapters at " + places.linear().size() + " places";
  }
}
