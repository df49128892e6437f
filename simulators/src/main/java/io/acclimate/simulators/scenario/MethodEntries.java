package io.acclimate.simulators.scenario;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigValue;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.method.MethodKind;
import io.acclimate.runtime.method.MethodRegistry;
import io.acclimate.runtime.settings.SettingsReader;
import io.acclimate.simulators.scenario.Scenario.MethodEntry;
import io.acclimate.tta.AdaptationFactory;
import io.acclimate.tta.CorrectorProvider;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Reads the methods of a scenario with their settings. */
final class MethodEntries {
  private static final Config ENTRY = ConfigFactory.parseString("method = \"\", name = \"\"");

  private final SettingsReader reader;
  private final ConfigValue shared;
  private final MethodRegistry<CorrectorProvider> registry = CorrectorProvider.registry();
  private final List<MethodEntry> entries = new ArrayList<>();
  private final Set<String> taken = new LinkedHashSet<>();

  MethodEntries(SettingsReader reader, Config scenario) {
    this.reader = reader;
    this.shared = scenario.hasPath("method") ? scenario.getValue("method") : null;
  }

  List<MethodEntry> read() {
    reader.child("method");
    sharedSettings()
        .root()
        .forEach(
            (method, value) -> {
              String key = "method." + method;
              if (requireKnown(value.origin(), key, method) && !(value instanceof ConfigObject)) {
                reader.problem(
                    value.origin(), key, "expected an object, found " + value.unwrapped());
              }
            });
    for (ConfigValue value : reader.list("methods")) {
      add(value);
    }
    return entries;
  }

  private Config sharedSettings() {
    return shared instanceof ConfigObject object ? object.toConfig() : ConfigFactory.empty();
  }

  private void add(ConfigValue value) {
    Config entry = value instanceof ConfigObject object ? object.toConfig() : ConfigFactory.empty();
    SettingsReader names = reader.of(entry, ENTRY, "methods");
    String method =
        value instanceof ConfigObject ? names.text("method") : String.valueOf(value.unwrapped());
    String name = entry.hasPath("name") ? names.text("name") : method;
    if (method.isEmpty()) {
      if (!entry.hasPath("method")) {
        reader.problem(value.origin(), "methods", "expected method = NAME in each object");
      }
      return;
    }
    if (!requireKnown(value.origin(), "methods", method)) {
      return;
    }
    if (isControl(method)) {
      return; // controls are always run
    }
    if (!taken.add(name) || registry.names().contains(name) && !name.equals(method)) {
      reader.problem(
          value.origin(), "methods", "'" + name + "' is taken; give each entry a name of its own");
    }
    Config given = entry.withoutPath("method").withoutPath("name");
    if (sharedSettings().root().get(method) instanceof ConfigObject forAll) {
      given = given.withFallback(forAll);
    }
    MethodEntry made = new MethodEntry(name, method, given);
    check(made, "methods." + name);
    entries.add(made);
  }

  /** Reports what a regime's protocol settings would break in a method. */
  void check(Regime regime) {
    if (!regime.protocol().isEmpty()) {
      entries.forEach(
          entry -> check(regime.under(entry), "regimes." + regime.name() + ", " + entry.name()));
    }
  }

  private void check(MethodEntry entry, String path) {
    SettingsReader settings =
        reader.of(entry.settings(), CorrectorProvider.defaults(entry.method()), path);
    AdaptationFactory.read(registry, registry.require(entry.method()), settings);
  }

  private boolean isControl(String method) {
    return registry.require(method).descriptor().kind() == MethodKind.CONTROL;
  }

  private boolean requireKnown(ConfigOrigin origin, String key, String method) {
    try {
      registry.require(method);
      return true;
    } catch (AcclimateException e) {
      reader.problem(origin, key, e.getMessage());
      return false;
    }
  }
}
