package io.acclimate.bank.pet;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.settings.SettingsReader;
import io.acclimate.runtime.sites.SiteKind;

/**
 * The settings of {@link AdapterModule}; the defaults stand in this module's {@code
 * reference.conf}.
 *
 * @param sites attentions, feed-forward networks or blocks
 * @param bottleneck the width between the two layers, at least 0
 * @param placement how the adapter stands to the sub-layer
 * @param reads what a parallel adapter reads
 * @param activation the function between the two layers
 * @param scale what the adapter's output is multiplied by, finite
 * @param learnableScale whether the scale is trained; it starts at {@code scale}
 */
public record AdapterSettings(
    SiteSelection sites,
    int bottleneck,
    AdapterPlacement placement,
    Reads reads,
    Activation activation,
    double scale,
    boolean learnableScale) {
  /** What a parallel adapter reads. */
  public enum Reads {
    /** What the sub-layer reads. */
    INPUT,
    /** The residual stream that the sub-layer's output is added to. */
    RESIDUAL
  }

  /** Checks the ranges. */
  public AdapterSettings {
    if (bottleneck < 0 || !Double.isFinite(scale)) {
      throw new AcclimateException(
          "adapter: expected a bottleneck from 0 and a finite scale, found bottleneck=%d scale=%s"
              .formatted(bottleneck, scale));
    }
    if (!sites.kinds().stream().allMatch(AdapterSettings::fits)) {
      throw new AcclimateException(
          "adapter: expected kinds of sub-layers and blocks, found " + sites.kinds());
    }
  }

  private static boolean fits(SiteKind kind) {
    return switch (kind) {
      case ATTENTION_OUTPUT, FFN_OUTPUT, BLOCK_OUTPUT -> true;
      default -> false;
    };
  }

  static AdapterSettings read(SettingsReader settings) {
    return new AdapterSettings(
        SiteSelection.read(settings).require(settings, AdapterSettings::fits),
        settings.integer("bottleneck", 0, 65_536),
        settings.choice("placement", AdapterPlacement.class),
        settings.choice("reads", Reads.class),
        settings.choice("activation", Activation.class),
        settings.number("scale", -1e6, 1e6),
        settings.flag("learnable-scale"));
  }
}
