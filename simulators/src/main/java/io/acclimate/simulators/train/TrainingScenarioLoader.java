package io.acclimate.simulators.train;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigValue;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.settings.SettingsReader;
import io.acclimate.simulators.scenario.Overrides;
import io.acclimate.simulators.scenario.ScenarioFiles;
import io.acclimate.simulators.train.TrainingScenario.Recipe;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Reads training scenarios; every mistake is reported at once, with line and key. */
public final class TrainingScenarioLoader {
  private final Path file;
  private final Config given;
  private final Config defaults;
  private final SettingsReader reader;
  private final ScenarioFiles files;

  private TrainingScenarioLoader(Path file, Config given) {
    this.file = file;
    this.given = given;
    this.defaults =
        ConfigFactory.defaultReference(TrainingScenarioLoader.class.getClassLoader())
            .getConfig("acclimate.training");
    this.reader = new SettingsReader(given, defaults, "");
    this.files = new ScenarioFiles(file);
  }

  /** What a training scenario asks for. */
  public sealed interface Task {}

  /** Train a network from random weights. */
  public record Source(TrainingScenario scenario) implements Task {}

  /** Train modules inside of a frozen model. */
  public record Modules(AdapterScenario scenario) implements Task {}

  /**
   * Reads a scenario: modules inside of a frozen model where it names a model, else a network.
   *
   * @param file the HOCON file
   * @param overrides settings from the command line, each {@code key=value}
   * @throws AcclimateException when the file cannot be read or parsed, or has mistakes
   */
  public static Task load(Path file, List<String> overrides) {
    Config parsed = Overrides.read("training scenario", file, overrides);
    return parsed.hasPath("model")
        ? new Modules(AdapterScenarioLoader.load(file, parsed))
        : new Source(new TrainingScenarioLoader(file, parsed).read());
  }

  private TrainingScenario read() {
    reader.rejectUnknown();
    String name = reader.text("name");
    String fileName = file.getFileName().toString().replaceFirst("\\.[^.]*$", "");
    String output = reader.text("output");
    if (output.isEmpty()) {
      reader.problem("output", "is required");
    }
    SettingsReader network = reader.child("network");
    TrainingScenario scenario =
        new TrainingScenario(
            name.isEmpty() ? fileName : name,
            reader.text("description"),
            reader.text("licence"),
            reader.wholeNumber("seed", Long.MIN_VALUE, Long.MAX_VALUE),
            network(network),
            ScenarioFiles.modelOptions(reader),
            files.data(reader.child("data")),
            files.data(reader.child("evaluation")),
            recipe(reader.child("recipe")),
            files.resolve(output),
            given.withFallback(defaults).root().unwrapped());
    reader.throwIfAny("training scenario " + file);
    return scenario;
  }

  private VisionTransformer network(SettingsReader network) {
    network.rejectUnknown();
    List<Integer> stem = sizes(network, "stem");
    List<Integer> image = sizes(network, "image");
    if (image.size() != 3) {
      network.problem("image", "expected [channels, height, width], found " + image);
      image = List.of(1, 28, 28);
    }
    try {
      return new VisionTransformer(
          image.get(0),
          image.get(1),
          image.get(2),
          network.number("mean", -1e6, 1e6),
          network.number("deviation", 1e-6, 1e6),
          stem,
          network.integer("width", 1, 4096),
          network.integer("blocks", 1, 64),
          network.integer("heads", 1, 256),
          network.integer("hidden", 1, 65536),
          network.integer("classes", 2, 100_000));
    } catch (AcclimateException e) {
      network.problem("width", e.getMessage());
      return null;
    }
  }

  private static List<Integer> sizes(SettingsReader settings, String key) {
    List<Integer> sizes = new ArrayList<>();
    for (ConfigValue value : settings.list(key)) {
      if (value.unwrapped() instanceof Integer size && size > 0) {
        sizes.add(size);
      } else {
        settings.problem(key, "expected sizes from 1, found " + value.unwrapped());
      }
    }
    return sizes;
  }

  private static Recipe recipe(SettingsReader recipe) {
    recipe.rejectUnknown();
    double clipNorm = recipe.number("clip-norm", 0, 1e9);
    return new Recipe(
        recipe.integer("epochs", 1, 100_000),
        recipe.integer("batch-size", 1, 100_000),
        recipe.number("rate", 0, 100),
        recipe.number("warm-up", 0, 0.99),
        recipe.number("weight-decay", 0, 10),
        clipNorm == 0 ? Double.POSITIVE_INFINITY : clipNorm,
        recipe.number("average-keep", 0, 0.999999),
        recipe.flag("flip"),
        recipe.integer("shift", 0, 1000));
  }
}
