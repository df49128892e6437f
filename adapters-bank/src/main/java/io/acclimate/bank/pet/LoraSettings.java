package io.acclimate.bank.pet;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.settings.SettingsReader;

/**
 * The settings of {@link LoraModule}; the defaults stand in this module's {@code reference.conf}.
 *
 * @param sites the linear layers
 * @param rank the rank, at least 0
 * @param alpha the product's factor, finite
 * @param perRank whether the factor is divided by the rank
 * @param learnableScale whether a further factor is trained
 */
public record LoraSettings(
    SiteSelection sites, int rank, double alpha, boolean perRank, boolean learnableScale) {
  /** Checks the ranges. */
  public LoraSettings {
    if (rank < 0 || !Double.isFinite(alpha)) {
      throw new AcclimateException(
          "lora: expected a rank from 0 and a finite alpha, found rank=%d alpha=%s"
              .formatted(rank, alpha));
    }
    if (!sites.kinds().stream().allMatch(kind -> kind.isLinear())) {
      throw new AcclimateException("lora: expected kinds of linear layers, found " + sites.kinds());
    }
  }

  /** Reads settings and leaves their mistakes with the reader. */
  public static LoraSettings read(SettingsReader settings) {
    SiteSelection sites = SiteSelection.read(settings).require(settings, kind -> kind.isLinear());
    return new LoraSettings(
        sites,
        settings.integer("rank", 0, 65_536),
        settings.number("alpha", -1e6, 1e6),
        settings.flag("divide-by-rank"),
        settings.flag("learnable-scale"));
  }

  /** The same settings with another rank. */
  public LoraSettings withRank(int other) {
    return new LoraSettings(sites, other, alpha, perRank, learnableScale);
  }

  /** What the product is multiplied by at a rank. */
  public double factor(long atRank) {
    return perRank && atRank > 0 ? alpha / atRank : alpha;
  }
}
