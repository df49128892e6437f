package io.acclimate.bank.pet;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigObject;
import io.acclimate.runtime.method.MethodRegistry;
import io.acclimate.runtime.settings.SettingsReader;
import io.acclimate.runtime.text.Names;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeSet;

/** Reads which modules are put into a model: names of the registry with an object of settings. */
public final class PetModules {
  /** The setting. */
  public static final String KEY = "modules";

  private PetModules() {}

  /**
   * Reads the setting {@code modules}, of which at least one is expected. Heads are not among them:
   * who trains adds one.
   *
   * @param reader what the setting belongs to; mistakes are reported to it, not thrown
   * @return the modules by name, in alphabetical order
   */
  public static Map<String, PetModule> read(SettingsReader reader) {
    MethodRegistry<PetProvider> registry = PetProvider.registry();
    Map<String, PetModule> modules = new LinkedHashMap<>();
    Config given = reader.object(KEY);
    for (String name : new TreeSet<>(given.root().keySet())) {
      String path = KEY + "." + name;
      if (!registry.names().contains(name) || name.equals(HeadProvider.NAME)) {
        reader.problem(
            given.root().get(name).origin(),
            path,
            "unknown module" + Names.suggestion(name, registry.names()));
      } else if (!(given.root().get(name) instanceof ConfigObject settings)) {
        reader.problem(
            given.root().get(name).origin(),
            path,
            "expected an object of settings, found " + given.root().get(name).unwrapped());
      } else {
        SettingsReader module = reader.of(settings.toConfig(), MethodRegistry.defaults(name), path);
        module.rejectUnknown();
        modules.put(name, registry.require(name).create(module));
      }
    }
    if (modules.isEmpty() && !reader.hasProblems()) {
      reader.problem(KEY, "expected at least one module");
    }
    return modules;
  }
}
