package io.acclimate.simulators.corruption;

import io.acclimate.runtime.AcclimateException;
import org.apache.commons.rng.UniformRandomProvider;

/**
 * An effect with the strengths of a table.
 *
 * @param table null for the one that fits the image's size
 */
record TableCorruption(
    String name, Effect effect, ParameterTable table, boolean isProxy, String note)
    implements Corruption {
  /** Below this the smallest pixelated or zoomed image would vanish. */
  private static final int MIN_SIDE_PX = 8;

  @Override
  public Image apply(Image clean, int severity, UniformRandomProvider random) {
    if (severity < MIN_SEVERITY || severity > MAX_SEVERITY) {
      throw new AcclimateException(
          "Corruption %s needs a severity of %d..%d, found %d"
              .formatted(name, MIN_SEVERITY, MAX_SEVERITY, severity));
    }
    if (Math.min(clean.height(), clean.width()) < MIN_SIDE_PX) {
      throw new AcclimateException(
          "Corruption %s needs an image of at least %d px each side, found %d x %d"
              .formatted(name, MIN_SIDE_PX, clean.height(), clean.width()));
    }
    ParameterTable used =
        table != null ? table : ParameterTable.forSize(Math.max(clean.height(), clean.width()));
    return effect.apply(clean, used.parameters(name, severity), new RandomDraws(random));
  }
}
