package io.acclimate.bank.pet;

import com.typesafe.config.Config;
import io.acclimate.runtime.method.MethodProvider;
import io.acclimate.runtime.method.MethodRegistry;
import io.acclimate.runtime.settings.SettingsException;
import io.acclimate.runtime.settings.SettingsReader;

/** Makes a {@link PetModule} by name; registered as a {@link java.util.ServiceLoader}. */
public interface PetProvider extends MethodProvider {
  /**
   * Makes a module.
   *
   * @param settings the module's settings; mistakes are reported to it, not thrown
   */
  PetModule create(SettingsReader settings);

  /** All modules on the class path. */
  static MethodRegistry<PetProvider> registry() {
    return MethodRegistry.load(PetProvider.class);
  }

  /**
   * Makes a module of the registry.
   *
   * @param settings what differs from the defaults
   * @throws SettingsException when a setting is unknown or out of its range
   */
  static PetModule create(String name, Config settings) {
    PetProvider provider = registry().require(name);
    SettingsReader reader = new SettingsReader(settings, MethodRegistry.defaults(name), name);
    PetModule module = provider.create(reader);
    reader.rejectUnknown();
    reader.throwIfAny("PET module " + name);
    return module;
  }
}
