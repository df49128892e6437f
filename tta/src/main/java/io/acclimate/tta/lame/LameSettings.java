package io.acclimate.tta.lame;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.method.MethodRegistry;
import io.acclimate.runtime.settings.SettingsReader;

/**
 * The settings of {@link Lame}; the defaults stand in this module's {@code reference.conf}.
 *
 * @param affinity how two samples are found to be alike
 * @param knn neighbours of a sample, at least 1
 * @param forceSymmetry whether the affinity is made symmetric
 * @param maxIterations the most updates of one batch, at least 1
 * @param lambda weight of the neighbours' opinion, finite and at least 0
 */
public record LameSettings(
    Affinity affinity, int knn, boolean forceSymmetry, int maxIterations, double lambda) {

  /** Checks the ranges. */
  public LameSettings {
    require(knn >= 1, "knn", knn, "at least 1");
    require(maxIterations >= 1, "max-iterations", maxIterations, "at least 1");
    require(lambda >= 0 && lambda < Double.POSITIVE_INFINITY, "lambda", lambda, "0 or more");
  }

  private static void require(boolean holds, String key, Object found, String expected) {
    if (!holds) {
      throw new AcclimateException("lame: " + key + "=" + found + ": expected " + expected);
    }
  }

  /** The defaults. */
  public static LameSettings defaults() {
    var defaults = MethodRegistry.defaults(LameProvider.NAME);
    return read(new SettingsReader(defaults, defaults, LameProvider.NAME));
  }

  static LameSettings read(SettingsReader settings) {
    return new LameSettings(
        settings.choice("affinity", Affinity.class),
        settings.integer("knn", 1, 10_000),
        settings.flag("force-symmetry"),
        settings.integer("max-iterations", 1, 100_000),
        settings.number("lambda", 0, 1e12));
  }
}
