package io.acclimate.simulators.serve;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigOrigin;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.method.MethodRegistry;
import io.acclimate.runtime.settings.SettingsReader;
import io.acclimate.tta.AdaptationFactory;
import io.acclimate.tta.CorrectorProvider;

/** Checks the methods that files name for streams. */
public final class StreamMethods {
  private static final MethodRegistry<CorrectorProvider> METHODS = CorrectorProvider.registry();

  private StreamMethods() {}

  /**
   * Checks a method and its settings, and leaves their mistakes with the reader.
   *
   * @param origin where the method is named
   * @param key what is named so
   */
  static void require(
      SettingsReader reader, ConfigOrigin origin, String key, String method, Config settings) {
    try {
      CorrectorProvider provider = METHODS.require(method);
      SettingsReader own = reader.of(settings, CorrectorProvider.defaults(method), key);
      AdaptationFactory.read(METHODS, provider, own);
    } catch (AcclimateException e) {
      reader.problem(origin, key, e.getMessage());
    }
  }

  /** Checks a method with its default settings, and leaves a mistake with the reader. */
  public static void require(SettingsReader reader, String key, String method) {
    try {
      METHODS.require(method);
    } catch (AcclimateException e) {
      reader.problem(key, e.getMessage());
    }
  }

  /** Whether a method runs the frozen model itself, so that no adapter can serve beside it. */
  static boolean runsModel(String method, Config settings) {
    return AdaptationFactory.of(method, settings).descriptor().runsModel();
  }
}
