package io.acclimate.simulators.inspect;

import io.acclimate.runtime.sites.ConstantUse;
import io.acclimate.runtime.sites.Site;
import io.acclimate.runtime.sites.Weights;
import io.acclimate.runtime.text.Names;
import java.util.Optional;

/**
 * A site as it is listed.
 *
 * @param id the site's name
 * @param kind what it is, in kebab-case
 * @param layer the number of its block, -1 outside of blocks
 * @param in the size of its input's features
 * @param out the number of features it gives
 * @param input the value it reads
 * @param output the value it gives
 * @param weight the name of its weight, {@code ""} without one
 * @param bias the name of its bias, {@code ""} without one
 */
public record SiteEntry(
    String id,
    String kind,
    int layer,
    long in,
    long out,
    String input,
    String output,
    String weight,
    String bias) {

  /** Lists a site. */
  public static SiteEntry of(Site site) {
    Optional<Weights> weights = site.weights();
    return new SiteEntry(
        site.id(),
        Names.kebab(site.kind()),
        site.layer(),
        site.in(),
        site.out(),
        site.input(),
        site.output(),
        weights.map(Weights::weight).map(ConstantUse::constant).orElse(""),
        weights.flatMap(Weights::bias).map(ConstantUse::constant).orElse(""));
  }
}
