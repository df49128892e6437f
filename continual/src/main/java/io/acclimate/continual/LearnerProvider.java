package io.acclimate.continual;

import com.typesafe.config.Config;
import io.acclimate.runtime.method.MethodProvider;
import io.acclimate.runtime.method.MethodRegistry;
import io.acclimate.runtime.settings.SettingsReader;

/** Makes a {@link ContinualLearner} by name; registered as a {@link java.util.ServiceLoader}. */
public interface LearnerProvider extends MethodProvider {
  /**
   * Reads the method's settings, without a model at hand.
   *
   * @param settings the method's settings; mistakes are reported to it, not thrown
   * @return makes learners with these settings
   */
  LearnerFactory read(SettingsReader settings);

  /** All learners on the class path. */
  static MethodRegistry<LearnerProvider> registry() {
    return MethodRegistry.load(LearnerProvider.class);
  }

  /**
   * Reads the settings of a learner of the registry.
   *
   * @param settings what differs from the defaults
   * @throws io.acclimate.runtime.settings.SettingsException when a setting is unknown or out of its
   *     range
   */
  static LearnerFactory read(String name, Config settings) {
    LearnerProvider provider = registry().require(name);
    SettingsReader reader = new SettingsReader(settings, MethodRegistry.defaults(name), name);
    LearnerFactory factory = provider.read(reader);
    reader.rejectUnknown();
    reader.throwIfAny("continual learner " + name);
    return factory;
  }
}
