package io.acclimate.simulators.scenario;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import io.acclimate.actors.RuntimeSettings;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.settings.SettingsReader;
import io.acclimate.simulators.corruption.ParameterTable;
import io.acclimate.simulators.scenario.Scenario.MethodEntry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Reads scenario files; every mistake is reported at once, with line and key. */
public final class ScenarioLoader {
  /** Whose parameters the corruptions take. */
  private enum TableChoice {
    AUTO,
    CIFAR,
    TINY_IMAGENET,
    IMAGENET
  }

  private final Path file;
  private final Config given;
  private final ScenarioFiles files;
  private final Config defaults;
  private final SettingsReader reader;

  private ScenarioLoader(Path file, Config given) {
    this.file = file;
    this.given = given;
    this.files = new ScenarioFiles(file);
    this.defaults =
        ConfigFactory.defaultReference(ScenarioLoader.class.getClassLoader())
            .getConfig("acclimate.scenario");
    this.reader = new SettingsReader(given, defaults, "");
  }

  /**
   * Reads a scenario.
   *
   * @param file the HOCON file
   * @param overrides settings from the command line, each {@code key=value}
   * @throws AcclimateException when the file cannot be read or parsed, or has mistakes
   */
  public static Scenario load(Path file, List<String> overrides) {
    Config parsed = Overrides.read("scenario", file, overrides);
    return new ScenarioLoader(file, parsed).read();
  }

  private Scenario read() {
    reader.rejectUnknown();
    SettingsReader model = reader.child("model");
    model.rejectUnknown();
    MethodEntries entries = new MethodEntries(reader, given);
    List<MethodEntry> methods = entries.read();
    List<Regime> regimes = regimes();
    regimes.forEach(entries::check);
    Scenario scenario =
        new Scenario(
            name(),
            file,
            seeds(),
            files.required(model, "path"),
            ScenarioFiles.modelOptions(model),
            runtime(model),
            files.data(reader.child("data")),
            table(),
            frostTextures(),
            methods,
            regimes,
            windowSamples(),
            given.withFallback(defaults).root().unwrapped());
    reader.throwIfAny("scenario " + file);
    return scenario;
  }

  private String name() {
    String name = reader.text("name");
    String fileName = file.getFileName().toString();
    return name.isEmpty() ? fileName.replaceFirst("\\.[^.]*$", "") : name;
  }

  private List<Long> seeds() {
    Set<Long> seeds = new LinkedHashSet<>();
    for (ConfigValue value : reader.list("seeds")) {
      if (value.unwrapped() instanceof Integer || value.unwrapped() instanceof Long) {
        if (!seeds.add(((Number) value.unwrapped()).longValue())) {
          reader.problem(value.origin(), "seeds", value.unwrapped() + " is given twice");
        }
      } else {
        reader.problem(
            value.origin(), "seeds", "expected whole numbers, found " + value.unwrapped());
      }
    }
    if (seeds.isEmpty() && !reader.hasProblems()) {
      reader.problem("seeds", "expected at least one seed");
    }
    return List.copyOf(seeds);
  }

  private RuntimeSettings runtime(SettingsReader model) {
    SettingsReader outputs = model.child("outputs");
    outputs.rejectUnknown();
    return RuntimeSettings.defaults()
        .forModel(
            outputs.text("logits"),
            outputs.text("features"),
            optionalFile(model, "source-statistics"),
            optionalFile(model, "source-fisher"),
            optionalFile(model, "source-consistency"),
            optionalFile(model, "source-label-shift"));
  }

  private Optional<Path> optionalFile(SettingsReader settings, String key) {
    return settings.text(key).isEmpty()
        ? Optional.empty()
        : Optional.of(files.required(settings, key));
  }

  private Optional<ParameterTable> table() {
    return switch (reader.choice("corruption-table", TableChoice.class)) {
      case AUTO -> Optional.empty();
      case CIFAR -> Optional.of(ParameterTable.CIFAR);
      case TINY_IMAGENET -> Optional.of(ParameterTable.TINY_IMAGENET);
      case IMAGENET -> Optional.of(ParameterTable.IMAGENET);
    };
  }

  private Optional<Path> frostTextures() {
    String text = reader.text("frost-textures");
    if (text.isEmpty()) {
      return Optional.empty();
    }
    Path folder = files.resolve(text);
    if (!Files.isDirectory(folder)) {
      reader.problem("frost-textures", "folder not found: " + folder);
    }
    return Optional.of(folder);
  }

  private int windowSamples() {
    SettingsReader report = reader.child("report");
    report.rejectUnknown();
    return report.integer("window-samples", 1, 10_000_000);
  }

  private List<Regime> regimes() {
    List<Regime> regimes = new ArrayList<>();
    Set<String> names = new LinkedHashSet<>();
    for (ConfigValue value : reader.list("regimes")) {
      if (value.valueType() != ConfigValueType.OBJECT) {
        reader.problem(value.origin(), "regimes", "expected objects, found " + value.unwrapped());
        continue;
      }
      Config regime = ((ConfigObject) value).toConfig();
      String name = reader.of(regime, defaults, "regimes").text("name");
      if (name.isEmpty() || !names.add(name)) {
        reader.problem(
            value.origin(), "regimes", "expected a name of its own for each, found '" + name + "'");
      }
      regimes.add(new RegimeReader(reader, given, defaults).read(name, regime));
    }
    if (regimes.isEmpty()) {
      regimes.add(new RegimeReader(reader, given, defaults).read("default", ConfigFactory.empty()));
    }
    return regimes;
  }
}
