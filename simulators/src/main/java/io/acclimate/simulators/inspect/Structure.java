package io.acclimate.simulators.inspect;

import io.acclimate.runtime.autodiff.Autodiff;
import io.acclimate.runtime.autodiff.GradientRules;
import io.acclimate.runtime.graph.Dim;
import io.acclimate.runtime.graph.ModelGraph;
import io.acclimate.runtime.graph.Shape;
import io.acclimate.runtime.graph.Specializer;
import io.acclimate.runtime.sites.Site;
import io.acclimate.runtime.sites.SiteFinder;
import io.acclimate.runtime.sites.SiteKind;
import io.acclimate.runtime.text.Names;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A model at fixed sizes with its sites.
 *
 * @param dims the sizes of its open dimensions
 * @param graph the model's graph at those sizes
 * @param sites its sites
 */
public record Structure(Map<String, Long> dims, ModelGraph graph, List<Site> sites) {
  private static final long DEFAULT_SIZE = 8;

  /**
   * Opens a model.
   *
   * @param chosen sizes of open dimensions; the others are 1 on an input's first axis, which is the
   *     batch, and 8 elsewhere
   * @throws io.acclimate.runtime.AcclimateException when the model cannot be specialised or a name
   *     is unknown
   */
  public static Structure of(Path file, Map<String, Long> chosen) {
    Specializer specializer = Specializer.of(file);
    Map<String, Long> dims = new LinkedHashMap<>();
    for (String input : specializer.open().inputs()) {
      Shape shape = specializer.open().type(input).shape();
      for (int axis = 0; axis < shape.rank(); axis++) {
        Dim dim = shape.dim(axis);
        if (!dim.isFixed()) {
          dims.putIfAbsent(dim.symbol(), axis == 0 ? 1 : DEFAULT_SIZE);
        }
      }
    }
    dims.putAll(chosen);
    ModelGraph graph = specializer.with(dims);
    return new Structure(dims, graph, SiteFinder.find(graph));
  }

  /** The number of transformer blocks. */
  public int blocks() {
    return sites.stream().mapToInt(Site::layer).max().orElse(-1) + 1;
  }

  /** How many sites there are of each kind that occurs. */
  public Map<String, Integer> siteCounts() {
    Map<String, Integer> counts = new LinkedHashMap<>();
    for (SiteKind kind : SiteKind.values()) {
      int count = (int) sites.stream().filter(site -> site.kind() == kind).count();
      if (count > 0) {
        counts.put(Names.kebab(kind), count);
      }
    }
    return counts;
  }

  /** The operators of the graph that cannot be differentiated. */
  public List<String> withoutGradient() {
    return Autodiff.withoutRule(graph.nodes(), GradientRules.builtInRules());
  }
}
