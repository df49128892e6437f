package io.acclimate.tta;

import io.acclimate.runtime.method.MethodProvider;
import io.acclimate.runtime.method.MethodRegistry;
import io.acclimate.runtime.settings.SettingsReader;

/** Makes an {@link OutputCorrector} by name; registered as a {@link java.util.ServiceLoader}. */
public interface CorrectorProvider extends MethodProvider {
  /**
   * Makes a corrector.
   *
   * @param settings the method's settings; mistakes are reported to it, not thrown
   */
  OutputCorrector create(SettingsReader settings);

  /** All correctors on the class path. */
  static MethodRegistry<CorrectorProvider> registry() {
    return MethodRegistry.load(CorrectorProvider.class);
  }
}
