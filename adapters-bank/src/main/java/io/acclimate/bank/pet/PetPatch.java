package io.acclimate.bank.pet;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.graph.ModelGraph;
import io.acclimate.runtime.graph.ValueType;
import io.acclimate.runtime.sites.GraphSurgery;
import io.acclimate.runtime.sites.Site;
import io.acclimate.runtime.sites.SiteFinder;
import io.acclimate.runtime.sites.SiteKind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Applies modules to a graph. Modules are hung in the order in which they are added, so that a
 * later one sees what the earlier ones made of a value. Not thread-safe.
 */
public final class PetPatch {
  private record Entry(String name, PetModule module, Sharing sharing) {}

  private final ModelGraph graph;
  private final List<Site> sites;
  private final Map<String, Entry> entries = new LinkedHashMap<>();
  private final Map<String, PatchedGraph.Declared> declared = new LinkedHashMap<>();
  private boolean openSizes;

  private PetPatch(ModelGraph graph) {
    this.graph = graph;
    this.sites = SiteFinder.find(graph);
  }

  /**
   * Starts with a graph, which stays as it is.
   *
   * @param graph of fixed shapes
   */
  public static PetPatch of(ModelGraph graph) {
    return new PetPatch(graph);
  }

  /** Adds a module whose sites have their own parameters. */
  public PetPatch add(String name, PetModule module) {
    return add(name, module, Sharing.NONE);
  }

  /**
   * Adds a module.
   *
   * @param name what its parameters' names start with, different for each module
   */
  public PetPatch add(String name, PetModule module, Sharing sharing) {
    if (entries.putIfAbsent(name, new Entry(name, module, sharing)) != null) {
      throw new AcclimateException("a module named '" + name + "' was added already");
    }
    return this;
  }

  /** Leaves ranks, lengths and numbers of classes open, so that one session serves any of them. */
  public PetPatch openSizes() {
    openSizes = true;
    return this;
  }

  /**
   * Applies the modules.
   *
   * @throws AcclimateException when a module finds no site, or does not fit one
   */
  public PatchedGraph apply() {
    GraphSurgery surgery = new GraphSurgery(graph);
    List<PatchedGraph.Attached> attached = new ArrayList<>();
    for (Entry entry : entries.values()) {
      List<Site> selected = entry.module().select(sites);
      if (selected.isEmpty()) {
        throw new AcclimateException(
            "module '%s' finds no site for %s in graph %s, which has sites of kinds %s"
                .formatted(entry.name(), entry.module(), graph.name(), kinds()));
      }
      for (Site site : selected) {
        Map<String, String> names = declare(entry, site, surgery);
        surgery.hang(patch -> entry.module().emit(new PetSite(site, patch, names)));
        attached.add(new PatchedGraph.Attached(entry.name(), entry.module(), site, names));
      }
    }
    return new PatchedGraph(surgery.build(), attached, declared);
  }

  private Set<SiteKind> kinds() {
    return new TreeSet<>(sites.stream().map(Site::kind).toList());
  }

  /** Adds the inputs of a site's parameters; the full names by the names within the site. */
  private Map<String, String> declare(Entry entry, Site site, GraphSurgery surgery) {
    String place =
        entry.sharing() == Sharing.ACROSS_LAYERS
            ? site.id().replaceFirst("^block\\d+", "block")
            : site.id();
    String scope = entry.name() + "." + place;
    DType type = graph.type(site.output()).type();
    Map<String, String> names = new LinkedHashMap<>();
    for (PetParameter parameter : entry.module().parameters(site, graph)) {
      String name = scope + "." + parameter.name();
      ValueType valueType = parameter.type(type, openSizes ? scope : "");
      PatchedGraph.Declared old = declared.get(name);
      if (old == null) {
        surgery.parameter(name, valueType);
        declared.put(name, new PatchedGraph.Declared(parameter, valueType));
      } else if (!old.type().equals(valueType)) {
        throw new AcclimateException(
            "parameter '%s' is shared, but would be %s at one site and %s at site %s"
                .formatted(name, old.type(), valueType, site.id()));
      }
      names.put(parameter.name(), name);
    }
    return names;
  }
}
