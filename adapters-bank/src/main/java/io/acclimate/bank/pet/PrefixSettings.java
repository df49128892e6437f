package io.acclimate.bank.pet;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.settings.SettingsReader;
import java.util.List;

/**
 * The settings of {@link PrefixModule}; the defaults stand in this module's {@code reference.conf}.
 *
 * @param layers the numbers of blocks, negative ones from the last; empty for all
 * @param length the number of tokens, at least 0
 * @param initBound tokens start evenly between 0 and this
 * @param compensation whether the prefix's share of the attention is made 1
 * @param learnableScale whether a factor of the keys and one of the values are trained
 */
public record PrefixSettings(
    List<Integer> layers,
    int length,
    double initBound,
    boolean compensation,
    boolean learnableScale) {
  /** Checks the ranges. */
  public PrefixSettings {
    layers = List.copyOf(layers);
    if (length < 0 || !Double.isFinite(initBound)) {
      throw new AcclimateException(
          "prefix: expected a length from 0 and a finite bound, found length=%d init-bound=%s"
              .formatted(length, initBound));
    }
  }

  static PrefixSettings read(SettingsReader settings) {
    return new PrefixSettings(
        SiteSelection.layers(settings),
        settings.integer("length", 0, 65_536),
        settings.number("init-bound", -1e3, 1e3),
        settings.flag("compensation"),
        settings.flag("learnable-scale"));
  }
}
