package io.acclimate.simulators.scenario;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigValue;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.method.MethodRegistry;
import io.acclimate.runtime.settings.SettingsReader;
import io.acclimate.simulators.scenario.Scenario.MethodEntry;
import io.acclimate.tta.CorrectorProvider;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Reads the methods of a scenario with their settings. */
final class MethodEntries {
  private final SettingsReader reader;
  private final Config shared;
  private final MethodRegistry<CorrectorProvider> registry = CorrectorProvider.registry();
  private final List<MethodEntry> entries = new ArrayList<>();
  private final Set<String> names = new LinkedHashSet<>();

  MethodEntries(SettingsReader reader, Config scenario) {
    this.reader = reader;
    this.shared = scenario.hasPath("method") ? scenario.getConfig("method") : ConfigFactory.empty();
  }

  List<MethodEntry> read() {
    for (String method : shared.root().keySet()) {
      requireKnown(shared.root().get(method).origin(), "method." + method, method);
    }
    for (ConfigValue value : reader.list("methods")) {
      add(value);
    }
    return entries;
  }

  private void add(ConfigValue value) {
    Config entry = value instanceof ConfigObject object ? object.toConfig() : ConfigFactory.empty();
    String method =
        value instanceof ConfigObject
            ? (entry.hasPath("method") ? entry.getString("method") : "")
            : String.valueOf(value.unwrapped());
    String name = entry.hasPath("name") ? entry.getString("name") : method;
    if (!requireKnown(value.origin(), "methods", method)) {
      return;
    }
    if (isControl(method)) {
      return; // controls are always run
    }
    if (!names.add(name) || registry.names().contains(name) && !name.equals(method)) {
      reader.problem(
          value.origin(), "methods", "'" + name + "' is taken; give each entry a name of its own");
    }
    Config given = entry.withoutPath("method").withoutPath("name");
    if (shared.hasPath(method)) {
      given = given.withFallback(shared.getConfig(method));
    }
    SettingsReader settings = reader.of(given, MethodRegistry.defaults(method), "methods." + name);
    settings.rejectUnknown();
    registry.require(method).create(settings);
    entries.add(new MethodEntry(name, method, given));
  }

  private boolean isControl(String method) {
    return switch (registry.require(method).descriptor().kind()) {
      case CONTROL -> true;
      case OUTPUT_CORRECTOR -> false;
    };
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
