package io.acclimate.simulators.tasks;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import io.acclimate.bank.pet.Pooling;
import io.acclimate.continual.LearnerFactory;
import io.acclimate.continual.LearnerProvider;
import io.acclimate.continual.shift.ShiftSettings;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.method.MethodRegistry;
import io.acclimate.runtime.settings.SettingsReader;
import io.acclimate.runtime.text.Names;
import io.acclimate.simulators.scenario.DataSource;
import io.acclimate.simulators.scenario.Overrides;
import io.acclimate.simulators.scenario.ScenarioFiles;
import io.acclimate.simulators.tasks.ContinualScenario.Boundaries;
import io.acclimate.simulators.tasks.ContinualScenario.Kind;
import io.acclimate.simulators.train.ModelLocation;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/** Reads scenarios of continual learning, which name a kind; every mistake is reported at once. */
public final class ContinualScenarioLoader {
  private static final String DEFAULTS = "acclimate.continual-scenario";

  private final Path file;
  private final Config given;
  private final Config defaults;
  private final SettingsReader reader;
  private final ScenarioFiles files;

  private ContinualScenarioLoader(Path file, Config given) {
    this.file = file;
    this.given = given;
    this.defaults =
        ConfigFactory.defaultReference(ContinualScenarioLoader.class.getClassLoader())
            .getConfig(DEFAULTS);
    this.reader = new SettingsReader(given, defaults, "");
    this.files = new ScenarioFiles(file);
  }

  /**
   * Reads a scenario, if it names a kind.
   *
   * @param overrides settings from the command line, each {@code key=value}
   * @return empty when the file names no kind
   * @throws AcclimateException when the file cannot be read or parsed, or has mistakes
   */
  public static Optional<ContinualScenario> load(Path file, List<String> overrides) {
    Config parsed = Overrides.read("scenario", file, overrides);
    return parsed.hasPath("kind")
        ? Optional.of(new ContinualScenarioLoader(file, parsed).read())
        : Optional.empty();
  }

  private ContinualScenario read() {
    reader.rejectUnknown();
    DataSource data = files.data(reader.child("data"));
    Kind kind = reader.choice("kind", Kind.class);
    String name = reader.text("name");
    ContinualScenario scenario =
        new ContinualScenario(
            kind,
            name.isEmpty() ? file.getFileName().toString().replaceFirst("\\.[^.]*$", "") : name,
            file,
            seeds(),
            model(reader.child("model"), data.format() == DataSource.Format.TEXT),
            data,
            reader.number("held-out", 0.01, 0.99),
            tasks(kind),
            labels(reader.child("labels")),
            reader.integer("batch-size", 1, 100_000),
            methods(),
            given.withFallback(defaults).root().unwrapped());
    reader.throwIfAny("scenario " + file);
    return scenario;
  }

  private ContinualScenario.Model model(SettingsReader model, boolean text) {
    model.rejectUnknown();
    if (text == model.text("tokenizer").isEmpty()) {
      model.problem("tokenizer", text ? "is required for texts" : "has an effect on texts only");
    }
    return new ContinualScenario.Model(
        ModelLocation.read(model, "path", files),
        ScenarioFiles.modelOptions(model),
        model.text("features"),
        model.choice("pooling", Pooling.class),
        text ? ModelLocation.read(model, "tokenizer", files) : ModelLocation.ofFile(Path.of("")),
        model.integer("tokens", 3, 4096));
  }

  private ContinualScenario.Tasks tasks(Kind kind) {
    boolean byDomain = kind == Kind.DOMAIN_INCREMENTAL;
    Boundaries boundaries = reader.choice("boundaries", Boundaries.class);
    for (String key : List.of("tasks", "first-task-classes", "shuffle-classes")) {
      withoutEffect(byDomain, key, "each domain is a task with all classes");
    }
    withoutEffect(!byDomain, "domains", "only kind = domain-incremental has domains");
    withoutEffect(!byDomain, "severity", "only kind = domain-incremental has domains");
    withoutEffect(boundaries == Boundaries.SHARP, "blur", "boundaries are sharp");
    withoutEffect(boundaries != Boundaries.NONE, "shift", "boundaries are told");
    List<TaskDomain> domains = byDomain ? TaskDomainReader.read(reader) : List.of();
    if (byDomain && domains.isEmpty()) {
      reader.problem("domains", "expected at least one domain");
    }
    SettingsReader fewShot = reader.child("few-shot");
    fewShot.rejectUnknown();
    int tasks = reader.integer("tasks", 1, 100_000);
    return new ContinualScenario.Tasks(
        byDomain ? domains.size() : tasks,
        byDomain ? 0 : reader.integer("first-task-classes", 0, 100_000),
        reader.flag("shuffle-classes"),
        domains,
        fewShot.integer("shots", 0, 10_000_000),
        boundaries,
        reader.number("blur", 0, 0.5),
        ShiftSettings.read(reader.child("shift")));
  }

  private void withoutEffect(boolean contradicts, String key, String why) {
    if (contradicts && reader.isGiven(key)) {
      reader.problem(key, "has no effect here: " + why);
    }
  }

  private static ContinualScenario.Labels labels(SettingsReader labels) {
    labels.rejectUnknown();
    return new ContinualScenario.Labels(
        labels.integer("delay", 0, 10_000_000), labels.number("missing", 0, 1));
  }

  private List<Long> seeds() {
    List<Long> seeds = new ArrayList<>();
    for (ConfigValue value : reader.list("seeds")) {
      if (value.unwrapped() instanceof Integer || value.unwrapped() instanceof Long) {
        seeds.add(((Number) value.unwrapped()).longValue());
      } else {
        reader.problem(
            value.origin(), "seeds", "expected whole numbers, found " + value.unwrapped());
      }
    }
    if (reader.list("seeds").isEmpty()) {
      reader.problem("seeds", "expected at least one seed, found none");
    }
    return seeds;
  }

  private Map<String, LearnerFactory> methods() {
    MethodRegistry<LearnerProvider> registry = LearnerProvider.registry();
    Map<String, LearnerFactory> methods = new LinkedHashMap<>();
    Config all = reader.object("methods");
    for (String name : new TreeSet<>(all.root().keySet())) {
      ConfigValue value = all.root().get(name);
      if (!(value instanceof ConfigObject object)) {
        reader.problem(
            value.origin(),
            "methods." + name,
            "expected an object of settings, found " + value.unwrapped());
        continue;
      }
      Config entry = object.toConfig();
      String method = entry.hasPath("method") ? entry.getString("method") : name;
      if (!registry.names().contains(method)) {
        reader.problem(
            value.origin(),
            "methods." + name,
            "unknown method" + Names.suggestion(method, registry.names()));
        continue;
      }
      SettingsReader settings =
          reader.of(
              entry.withoutPath("method"), MethodRegistry.defaults(method), "methods." + name);
      methods.put(name, registry.require(method).read(settings));
      settings.rejectUnknown();
    }
    if (methods.isEmpty() && !reader.hasProblems()) {
      reader.problem("methods", "expected at least one learner");
    }
    return methods;
  }
}
