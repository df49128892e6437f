package io.acclimate.bank.pet;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.graph.Ops;
import io.acclimate.runtime.sites.Patch;
import io.acclimate.runtime.sites.Site;
import java.util.Map;

/** What a module sees while it writes its sub-graph at one site. */
public final class PetSite {
  private final Site site;
  private final Patch patch;
  private final Map<String, String> parameters;

  PetSite(Site site, Patch patch, Map<String, String> parameters) {
    this.site = site;
    this.patch = patch;
    this.parameters = parameters;
  }

  /** The site. */
  public Site site() {
    return site;
  }

  /** Reads values of the model and replaces them. */
  public Patch patch() {
    return patch;
  }

  /** Appends the module's nodes. */
  public Ops ops() {
    return patch.ops();
  }

  /** The value that holds a parameter. */
  public String parameter(String name) {
    String value = parameters.get(name);
    if (value == null) {
      throw new AcclimateException(
          "site %s: no parameter '%s' was declared, only %s"
              .formatted(site.id(), name, parameters.keySet()));
    }
    return value;
  }

  /** What the site reads. */
  public String input() {
    return patch.read(site.input());
  }

  /** What the site gives. */
  public String output() {
    return patch.read(site.output());
  }

  /** Puts a value in the place of what the site gives. */
  public void replaceOutput(String value) {
    patch.replace(site.output(), value);
  }

  /** A value {@code [..., n]} as rows {@code [rows, n]}. */
  public String rows(String value) {
    Ops ops = ops();
    return ops.shape(value).rank() == 2 ? value : ops.reshape(value, -1, ops.shape(value).size(-1));
  }

  /** Rows in the shape of another value. */
  public String unrows(String rows, String like) {
    return ops().reshapeLike(rows, like);
  }
}
