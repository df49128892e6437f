package io.acclimate.simulators.tasks;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.settings.SettingsReader;
import io.acclimate.simulators.corruption.Corruption;
import io.acclimate.simulators.corruption.Corruptions;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Reads the domains of a domain-incremental scenario and leaves mistakes with the reader. */
final class TaskDomainReader {
  private static final Config ROTATION = ConfigFactory.parseString("rotate = 0");
  private static final Config PERMUTATION = ConfigFactory.parseString("permute = 0");

  private TaskDomainReader() {}

  static List<TaskDomain> read(SettingsReader scenario) {
    int severity = scenario.integer("severity", Corruption.MIN_SEVERITY, Corruption.MAX_SEVERITY);
    return scenario.list("domains").stream()
        .map(value -> read(scenario, value, severity))
        .filter(Objects::nonNull)
        .toList();
  }

  /** One domain; null after a mistake. */
  private static TaskDomain read(SettingsReader scenario, ConfigValue value, int usual) {
    if (!(value instanceof ConfigObject object)) {
      String name = String.valueOf(value.unwrapped());
      return name.equals("clean")
          ? new TaskDomain.Clean()
          : corrupted(scenario, value, name, usual);
    }
    Config entry = object.toConfig();
    if (entry.hasPath("rotate")) {
      SettingsReader reader = known(scenario, entry, ROTATION);
      return new TaskDomain.Rotated(reader.number("rotate", -360, 360));
    }
    if (entry.hasPath("permute")) {
      SettingsReader reader = known(scenario, entry, PERMUTATION);
      return new TaskDomain.Permuted(reader.wholeNumber("permute", Long.MIN_VALUE, Long.MAX_VALUE));
    }
    SettingsReader reader =
        known(scenario, entry, ConfigFactory.parseMap(Map.of("corruption", "", "severity", usual)));
    int severity = reader.integer("severity", Corruption.MIN_SEVERITY, Corruption.MAX_SEVERITY);
    return corrupted(scenario, value, reader.text("corruption"), severity);
  }

  private static SettingsReader known(SettingsReader scenario, Config entry, Config defaults) {
    SettingsReader reader = scenario.of(entry, defaults, "domains");
    reader.rejectUnknown();
    return reader;
  }

  private static TaskDomain corrupted(
      SettingsReader scenario, ConfigValue value, String name, int severity) {
    try {
      return new TaskDomain.Corrupted(Corruptions.byName(name).name(), severity);
    } catch (AcclimateException e) {
      scenario.problem(value.origin(), "domains", e.getMessage());
      return null;
    }
  }
}
