package io.acclimate.simulators.train;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.acclimate.bank.pet.PetModules;
import io.acclimate.bank.pet.Pooling;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.settings.SettingsReader;
import io.acclimate.simulators.scenario.DataSource;
import io.acclimate.simulators.scenario.ScenarioFiles;
import java.nio.file.Path;

/** Reads training scenarios that name a frozen model; every mistake is reported at once. */
final class AdapterScenarioLoader {
  private final Path file;
  private final SettingsReader reader;
  private final ScenarioFiles files;

  private AdapterScenarioLoader(Path file, Config given) {
    Config defaults =
        ConfigFactory.defaultReference(AdapterScenarioLoader.class.getClassLoader())
            .getConfig("acclimate.adapter-training");
    this.file = file;
    this.reader = new SettingsReader(given, defaults, "");
    this.files = new ScenarioFiles(file);
  }

  /**
   * Reads a scenario.
   *
   * @throws AcclimateException when it has mistakes
   */
  static AdapterScenario load(Path file, Config given) {
    return new AdapterScenarioLoader(file, given).read();
  }

  private AdapterScenario read() {
    reader.rejectUnknown();
    SettingsReader model = reader.child("model");
    model.rejectUnknown();
    DataSource data = files.data(reader.child("data"));
    boolean text = data.format() == DataSource.Format.TEXT;
    if (text == model.text("tokenizer").isEmpty()) {
      model.problem("tokenizer", text ? "is required for texts" : "has an effect on texts only");
    }
    String name = reader.text("name");
    String fileName = file.getFileName().toString().replaceFirst("\\.[^.]*$", "");
    AdapterScenario scenario =
        new AdapterScenario(
            name.isEmpty() ? fileName : name,
            reader.wholeNumber("seed", Long.MIN_VALUE, Long.MAX_VALUE),
            ModelLocation.read(model, "path", files),
            ScenarioFiles.modelOptions(model),
            model.text("features"),
            model.choice("pooling", Pooling.class),
            text
                ? ModelLocation.read(model, "tokenizer", files)
                : ModelLocation.ofFile(Path.of("")),
            model.integer("tokens", 3, 4096),
            data,
            reader.number("held-out", 0.01, 0.99),
            PetModules.read(reader),
            reader.object("modules"),
            recipe(reader.child("recipe")),
            output());
    reader.throwIfAny("training scenario " + file);
    return scenario;
  }

  private Path output() {
    String output = reader.text("output");
    if (!output.endsWith(".safetensors")) {
      reader.problem("output", "expected a file named NAME.safetensors, found '" + output + "'");
    }
    return files.resolve(output);
  }

  private static AdapterScenario.Recipe recipe(SettingsReader recipe) {
    recipe.rejectUnknown();
    double clipNorm = recipe.number("clip-norm", 0, 1e9);
    return new AdapterScenario.Recipe(
        recipe.integer("epochs", 1, 100_000),
        recipe.integer("batch-size", 1, 100_000),
        recipe.number("rate", 0, 100),
        recipe.number("head-rate-factor", 0, 1e6),
        recipe.number("warm-up", 0, 0.99),
        recipe.number("weight-decay", 0, 10),
        clipNorm == 0 ? Double.POSITIVE_INFINITY : clipNorm);
  }
}
