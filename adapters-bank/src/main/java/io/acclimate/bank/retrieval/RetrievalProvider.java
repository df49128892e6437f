package io.acclimate.bank.retrieval;

import io.acclimate.runtime.method.MethodProvider;
import io.acclimate.runtime.method.MethodRegistry;
import io.acclimate.runtime.settings.SettingsReader;

/** Makes a {@link RetrievalStrategy} by name; registered as a {@link java.util.ServiceLoader}. */
public interface RetrievalProvider extends MethodProvider {
  /**
   * Makes a strategy.
   *
   * @param settings the strategy's settings; mistakes are reported to it, not thrown
   */
  RetrievalStrategy create(SettingsReader settings);

  /** All strategies on the class path. */
  static MethodRegistry<RetrievalProvider> registry() {
    return MethodRegistry.load(RetrievalProvider.class);
  }
}
